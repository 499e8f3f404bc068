import { InvalidArgumentError } from 'commander';

/** Values of options: parsed, bounded, and refused with what was expected. */

function number(text: string, valid: (value: number) => boolean, expected: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || !valid(value)) throw new InvalidArgumentError(`Expected ${expected}.`);
  return value;
}
export const port = (text: string) =>
  number(text, (value) => Number.isInteger(value) && value >= 0 && value <= 65_535, 'a port from 0 to 65535');
export const seconds = (text: string) => number(text, (value) => value >= 0, 'seconds, for example 30');
export const count = (text: string) =>
  number(text, (value) => Number.isInteger(value) && value >= 0, 'a whole number, 0 or more');
export const atLeastOne = (text: string) =>
  number(text, (value) => Number.isInteger(value) && value >= 1 && value <= 1_000_000, 'a whole number, 1 to 1000000');
export const days = (text: string) =>
  number(text, (value) => Number.isInteger(value) && value >= 1, 'a whole number of days, for example 30');
export const hours = (text: string) => number(text, (value) => value >= 0, 'hours, for example 168');
export const share = (text: string) => number(text, (value) => value > 0, 'a share above 0, for example 0.5');
export const secondsList = (text: string) => text.split(',').map(seconds);

function matching(pattern: RegExp, expected: string): (text: string) => string {
  return (text) => {
    if (!pattern.test(text)) throw new InvalidArgumentError(`Expected ${expected}.`);
    return text;
  };
}
export const roleArn = matching(
  /^arn:[a-z0-9-]+:iam::\d{12}:role\/[\w+=,.@/-]+$/,
  'a role ARN such as arn:aws:iam::111122223333:role/orgtrail',
);
export const externalId = matching(/^[\w+=,.@:/-]{2,1224}$/, '2 to 1,224 characters out of letters, digits and +=,.@:/-_');
export const url = (text: string) => {
  if (!URL.canParse(text))
    throw new InvalidArgumentError('Expected a URL such as https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail-events.');
  return text;
};
