import { isObject } from '../../iam/policy-document.js';
import type { ServiceCall } from '../../wire/service.js';
import { optionalText, refuseOthers } from '../../wire/query-fields.js';
import { invalid } from '../cloudformation-errors.js';

export interface Preferences {
  /** As they were given. */
  readonly given: object;
  /** How many of so many accounts may fail before the rest of the Region is called off. */
  tolerated(accounts: number): number;
}

const known = [
  'ConcurrencyMode',
  'FailureToleranceCount',
  'FailureTolerancePercentage',
  'MaxConcurrentCount',
  'MaxConcurrentPercentage',
  'RegionConcurrencyType',
  'RegionOrder',
];

/** `OperationPreferences`. How many at once, and in which order, changes nothing here: operations take no time. */
export function preferencesOf(input: ServiceCall['input']): Preferences {
  const given = input['OperationPreferences'] ?? {};
  if (given === '') return { given: {}, tolerated: () => 0 };
  if (!isObject(given)) throw invalid('OperationPreferences is malformed.');
  refuseOthers(given, known);
  const count = numberOf(given, 'FailureToleranceCount');
  const percentage = numberOf(given, 'FailureTolerancePercentage');
  if (count !== undefined && percentage !== undefined) {
    throw invalid('You can only specify one of FailureToleranceCount or FailureTolerancePercentage.');
  }
  return { given, tolerated: (accounts) => count ?? Math.floor((accounts * (percentage ?? 0)) / 100) };
}

function numberOf(given: ServiceCall['input'], name: string): number | undefined {
  const text = optionalText(given, name, { pattern: /^\d+$/ });
  return text === undefined ? undefined : Number(text);
}
