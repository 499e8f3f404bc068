import { z } from 'zod';
import { isJsonObject, parseBoundedJson, type JsonObject } from './bounded-json.js';

/** Printable, without spaces: names and ids end up in rows and figures, and PostgreSQL text takes no NUL. */
const token = z.string().regex(/^[\x21-\x7e]{1,128}$/);
const line = z.string().regex(/^[^\p{Cc}]{1,2048}$/u);
const optionalToken = token.optional().catch(undefined);
const optionalLine = line.optional().catch(undefined);

/** An object, or (as some SIEMs normalize records) the JSON text of one. Anything else counts as absent. */
const optionalObject = z
  .unknown()
  .optional()
  .transform((value): JsonObject | undefined => {
    if (typeof value === 'string') {
      const parsed = parseBoundedJson(value);
      return parsed.kind === 'value' && isJsonObject(parsed.value) ? parsed.value : undefined;
    }
    return isJsonObject(value) ? value : undefined;
  });

const optionalBoolean = z
  .unknown()
  .optional()
  .transform((value): boolean | undefined => {
    if (value === true || value === 'true') return true;
    return value === false || value === 'false' ? false : undefined;
  });

/**
 * What we read of a CloudTrail record. Only the name is required: records of 2017 to 2020 lack `readOnly` and
 * `recipientAccountId`, service events lack `requestID`, normalized ones lack more. A member of a wrong type counts as absent.
 */
const recordSchema = z.object({
  eventName: token,
  eventSource: optionalToken,
  eventID: optionalToken,
  eventTime: optionalLine,
  requestID: optionalLine,
  recipientAccountId: optionalLine,
  /** Present on failed calls only. */
  errorCode: z.string().min(1).optional().catch(undefined),
  readOnly: optionalBoolean,
  userIdentity: optionalObject,
  requestParameters: optionalObject,
  responseElements: optionalObject,
  serviceEventDetails: optionalObject,
});

export type CloudTrailRecord = z.infer<typeof recordSchema>;

/** The record in a parsed JSON value, or undefined when it names no event. Never throws. */
export function parseRecord(value: unknown): CloudTrailRecord | undefined {
  return recordSchema.safeParse(value).data;
}
