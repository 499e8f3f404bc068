import { isObject } from '../iam/policy-document.js';
import { AwsError } from '../wire/errors.js';

type Members = Readonly<Record<string, unknown>>;

/** Which events a trail logs, as they are on the wire: one kind or the other. */
export type Selectors = { basic: readonly Members[] } | { advanced: readonly Members[] };

/** What a trail begins with. */
export const everyManagementEvent: Selectors = {
  basic: [{ ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] }],
};

/** From PutEventSelectors. */
export function selectorsOf({ EventSelectors, AdvancedEventSelectors }: Members): Selectors {
  const given = [EventSelectors, AdvancedEventSelectors].filter((list) => list !== undefined && list !== null);
  const [list] = given;
  if (given.length !== 1 || !Array.isArray(list) || list.length === 0 || !list.every(isObject)) {
    throw invalidSelectors('Exactly one of EventSelectors and AdvancedEventSelectors must be given.');
  }
  if (list === EventSelectors) {
    return {
      basic: list.map((selector) => ({
        ReadWriteType: oneOf(selector['ReadWriteType'] ?? 'All', ['All', 'ReadOnly', 'WriteOnly']),
        IncludeManagementEvents: selector['IncludeManagementEvents'] ?? true,
        DataResources: selector['DataResources'] ?? [],
        ExcludeManagementEventSources: selector['ExcludeManagementEventSources'] ?? [],
      })),
    };
  }
  for (const selector of list) {
    const fields = fieldsOf(selector);
    if (!fields.some(({ Field }) => Field === 'eventCategory')) throw invalidSelectors('A selector has no eventCategory.');
    if (fields.some((field) => !Object.keys(field).every((name) => name === 'Field' || Object.hasOwn(comparisons, name)))) {
      throw invalidSelectors('A field selector has an operator that there is not.');
    }
  }
  return { advanced: list };
}

/** Whether writes of a service are logged. */
export function logsWritesOf(selectors: Selectors, eventSource: string): boolean {
  if ('basic' in selectors) {
    return selectors.basic.some(
      ({ ReadWriteType, IncludeManagementEvents, ExcludeManagementEventSources }) =>
        IncludeManagementEvents === true &&
        ReadWriteType !== 'ReadOnly' &&
        !(Array.isArray(ExcludeManagementEventSources) && ExcludeManagementEventSources.includes(eventSource)),
    );
  }
  const event: Readonly<Record<string, string>> = { eventCategory: 'Management', readOnly: 'false', eventSource };
  return selectors.advanced.some((selector) =>
    fieldsOf(selector).every((field) => {
      const value = event[String(field['Field'])];
      return value !== undefined && Object.entries(comparisons).every(([name, holds]) => holds(value, field[name]));
    }),
  );
}

function fieldsOf({ FieldSelectors }: Members): Members[] {
  return Array.isArray(FieldSelectors) ? FieldSelectors.filter(isObject) : [];
}

const anyOf = (test: (value: string, wanted: string) => boolean, wanted: unknown, value: string): boolean | undefined =>
  Array.isArray(wanted) && wanted.length > 0 ? wanted.some((item) => test(value, String(item))) : undefined;

const some = (test: (value: string, wanted: string) => boolean) => (value: string, wanted: unknown) =>
  anyOf(test, wanted, value) ?? true;
const none = (test: (value: string, wanted: string) => boolean) => (value: string, wanted: unknown) =>
  !(anyOf(test, wanted, value) ?? false);

const equals = (value: string, wanted: string): boolean => value === wanted;
const starts = (value: string, wanted: string): boolean => value.startsWith(wanted);
const ends = (value: string, wanted: string): boolean => value.endsWith(wanted);

const comparisons: Readonly<Record<string, (value: string, wanted: unknown) => boolean>> = {
  Equals: some(equals),
  StartsWith: some(starts),
  EndsWith: some(ends),
  NotEquals: none(equals),
  NotStartsWith: none(starts),
  NotEndsWith: none(ends),
};

function oneOf(value: unknown, allowed: readonly string[]): string {
  if (typeof value === 'string' && allowed.includes(value)) return value;
  throw invalidSelectors(`${JSON.stringify(value)} is none of ${allowed.join(', ')}.`);
}

const invalidSelectors = (message: string): AwsError => new AwsError('InvalidEventSelectorsException', message);
