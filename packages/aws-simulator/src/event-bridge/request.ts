import { isObject } from '../iam/policy-document.js';
import type { ServiceCall } from '../wire/service.js';
import { invalid, notFound, notSimulated } from './event-bridge-errors.js';
import type { EventBus } from './event-bus.js';

export type Members = Readonly<Record<string, unknown>>;

export function text(input: Members, name: string): string {
  const value = optionalText(input, name);
  if (value === undefined || value === '')
    throw invalid(`Value null at '${name}' failed to satisfy constraint: Member must not be null`);
  return value;
}

export function optionalText(input: Members, name: string): string | undefined {
  const value = input[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'string') throw invalid(`${name} is not a string.`);
  return value;
}

export function objects(input: Members, name: string): Members[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value) || !value.every(isObject)) throw invalid(`${name} is not a list of objects.`);
  return value;
}

export function texts(input: Members, name: string): string[] {
  const value = input[name] ?? [];
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) throw invalid(`${name} is not a list of texts.`);
  return value;
}

/** Refuses what the simulator would otherwise leave out without a word. */
export function refuseOthers(input: Members, ...known: readonly string[]): void {
  const other = Object.entries(input).find(([name, value]) => value !== null && !known.includes(name));
  if (other !== undefined) throw notSimulated(`the parameter ${other[0]}`);
}

/** The default bus of the caller, by its name, its ARN or not at all: there is no other. */
export function busOf({ aws, caller, region, input }: ServiceCall): EventBus {
  const bus = aws.buses.at({ accountId: caller.accountId, region });
  const asked = optionalText(input, 'EventBusName') ?? bus.name;
  if (asked !== bus.name && asked !== bus.arn) throw notFound(`Event bus ${asked} does not exist.`);
  return bus;
}

/** One page of a listing, with a token that tells the number of those shown before. */
export function pageOf<T>(input: Members, items: readonly T[]): { shown: T[]; next: { NextToken?: string } } {
  const from = Number(Buffer.from(optionalText(input, 'NextToken') ?? '', 'base64url').toString());
  const limit = input['Limit'] ?? 100;
  if (!Number.isInteger(from)) throw invalid('NextToken is not valid.');
  if (!Number.isInteger(limit) || (limit as number) < 1 || (limit as number) > 100)
    throw invalid('Limit must be between 1 and 100.');
  const to = from + (limit as number);
  const next = to < items.length ? { NextToken: Buffer.from(String(to)).toString('base64url') } : {};
  return { shown: items.slice(from, to), next };
}
