import { isObject } from '../iam/policy-document.js';
import { invalid, notSimulated } from './event-bridge-errors.js';
import type { RuleTarget } from './event-bus.js';

type MessageSettings = Pick<RuleTarget, 'input' | 'inputPath'>;

/** What a target gets in place of the event. Throws for what EventBridge refuses, and for paths that are not simulated. */
export function messageSettings(input: string | undefined, inputPath: string | undefined): MessageSettings {
  if (input !== undefined && inputPath !== undefined)
    throw invalid('Only one of Input, InputPath, or InputTransformer must be provided.');
  if (input !== undefined) {
    if (!isJson(input)) throw invalid('JSON syntax error in input for target.');
    return { input };
  }
  if (inputPath === undefined) return {};
  if (!/^\$(\.[\w-]+)*$/.test(inputPath)) throw notSimulated(`the path ${inputPath}`);
  return { inputPath };
}

/** The text that a target gets of an event. Of a part that the event does not have: nothing, as an empty object. */
export function messageOf(event: unknown, { input, inputPath = '$' }: MessageSettings): string {
  if (input !== undefined) return input;
  const names = inputPath.split('.').slice(1);
  const part = names.reduce<unknown>((whole, name) => (isObject(whole) ? whole[name] : undefined), event);
  return JSON.stringify(part ?? {});
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    // That is the question.
    return false;
  }
}
