import type { AwsError } from '../wire/errors.js';
import { validationError as invalid } from '../wire/query-fields.js';

export { invalid };

export const templateFormatError = (message: string): AwsError => invalid(`Template format error: ${message}`);

/** What AWS would take and the simulator would not carry out: said aloud, never left out. */
export const notSimulated = (what: string): AwsError => invalid(`The simulator does not know ${what}.`);

export const stackNotFound = (name: string): AwsError => invalid(`Stack with id ${name} does not exist`);
