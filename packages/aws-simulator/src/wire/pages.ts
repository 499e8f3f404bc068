import type { Behaviours } from '../behaviours.js';
import { firstAfter } from '../model/ordered.js';
import type { Random } from '../random.js';
import { invalidInput } from './errors.js';
import { optionalInteger, optionalText, type Input } from './fields.js';

export interface Page<T> {
  items: readonly T[];
  nextToken: string | undefined;
}

interface PageRequest<T> {
  /** What is listed, in its order of keys, so that changes between two pages skip and repeat nothing. */
  items: readonly T[];
  keyOf: (item: T) => string;
  /** Operation and arguments: a token is good for the same listing only. */
  listing: string;
  input: Input;
  /** Items of a page where the request names no MaxResults; the others' size by default. */
  defaultSize?: number;
}

interface PageSource {
  behaviours: () => Behaviours;
  random: Random;
  now: () => number;
}

/** One page of a listing of Organizations; throws InvalidInputException for a bad MaxResults or NextToken. */
export function page<T>(
  { behaviours, random, now }: PageSource,
  { items, keyOf, listing, input, defaultSize }: PageRequest<T>,
): Page<T> {
  const { pageSize, emptyPageRate, pageTokenLifetimeMs } = behaviours();
  const size = optionalInteger(input, 'maxResults') ?? defaultSize ?? pageSize;
  if (size < 1) throw invalidInput('MIN_VALUE_EXCEEDED', 'You provided a value for MaxResults that is too small.');
  if (size > Math.max(defaultSize ?? pageSize, 20))
    throw invalidInput('MAX_VALUE_EXCEEDED', 'You provided a value for MaxResults that is too large.');
  const given = optionalText(input, 'nextToken');
  const token = given === undefined ? undefined : readToken(given, listing);
  if (token === null || (token !== undefined && now() - token.issuedAt > pageTokenLifetimeMs)) {
    throw invalidInput('INVALID_NEXT_TOKEN', 'You provided a NextToken that is not valid.');
  }
  if (token?.afterEmptyPage !== true && random.chance(emptyPageRate)) {
    return { items: [], nextToken: writeToken(listing, { after: token?.after, issuedAt: now(), afterEmptyPage: true }) };
  }
  const after = token?.after;
  const start = after === undefined ? 0 : firstAfter(items, keyOf, after);
  const shown = items.slice(start, start + size);
  const last = shown.at(-1);
  const isLastPage = last === undefined || start + size >= items.length;
  return { items: shown, nextToken: isLastPage ? undefined : writeToken(listing, { after: keyOf(last), issuedAt: now() }) };
}

interface Token {
  /** Key of the last item shown. */
  after?: string | undefined;
  issuedAt: number;
  afterEmptyPage?: boolean;
}

function writeToken(listing: string, token: Token): string {
  return Buffer.from(JSON.stringify([listing, token])).toString('base64url');
}

function readToken(text: string, listing: string): Token | null {
  try {
    const [ofListing, token] = JSON.parse(Buffer.from(text, 'base64url').toString()) as [string, Token];
    return ofListing === listing ? token : null;
  } catch {
    // Anything that is not one of our tokens is invalid, whatever made it so.
    return null;
  }
}
