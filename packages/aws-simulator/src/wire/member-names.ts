/** `AccountId` is the API's member, `accountId` CloudTrail's: this goes from the first to the second, in depth. */
export function toLowerCamelCase(value: unknown, writeDate: (date: Date) => unknown = (date) => date): unknown {
  if (value instanceof Date) return writeDate(value);
  if (Array.isArray(value)) return value.map((member) => toLowerCamelCase(member, writeDate));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, member]) => member !== undefined)
      .map(([name, member]) => [name.charAt(0).toLowerCase() + name.slice(1), toLowerCamelCase(member, writeDate)]),
  );
}
