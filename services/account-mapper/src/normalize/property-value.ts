import type { JsonObject, JsonValue } from '@bufbuild/protobuf';
import { timestampDate, type Timestamp } from '@bufbuild/protobuf/wkt';
import type { observation } from '@orgtrail/proto';

/** Properties without those that are undefined: absent is not null. */
export function properties(values: Record<string, JsonValue | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(values).filter((entry): entry is [string, JsonValue] => entry[1] !== undefined));
}

/** Epoch milliseconds, the time format of the graph. */
export function epochMilliseconds(time: Timestamp | undefined): number | undefined {
  return time === undefined ? undefined : timestampDate(time).getTime();
}

/** Protobuf has no absent text outside `optional`: empty means that AWS did not say. */
export function text(value: string): string | undefined {
  return value === '' ? undefined : value;
}

/**
 * `tag.<Key>` with the values exactly as AWS has them: text, leading zeros kept. A tag named `Email` or `Name` is a tag and never
 * overwrites a property (the JupiterOne SDK does both). `tagsKnown` is false while tags were never read: unread is not empty.
 */
export function tagProperties(tags: observation.Tags | undefined): JsonObject {
  if (tags === undefined) return { tagsKnown: false };
  return {
    ...Object.fromEntries(Object.entries(tags.values).map(([key, value]) => [`tag.${key}`, value])),
    tagsKnown: true,
    ...(tags.fromIndex ? { tagsFromIndex: true } : {}),
  };
}
