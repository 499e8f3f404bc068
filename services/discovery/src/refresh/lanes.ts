import { parseSubjectKey, type Part, type SubjectKey } from '../subjects.js';

/**
 * Requests that are read by the same call of AWS, at that call's rate. What waits in one lane holds nothing back in another.
 * `expiry`: an invitation, once more when it should have expired.
 */
export const lanes = ['account', 'tags', 'ou', 'root', 'organization', 'delegation', 'invitation', 'expiry'] as const;
export type Lane = (typeof lanes)[number];

/** By which the limiter serves waiting calls: an event's first read, what confirms, everything else. */
export const urgencies = ['event', 'confirmation', 'background'] as const;
export type Urgency = (typeof urgencies)[number];

/** Parts of a subject, by the lanes that read them. */
export function laneParts(subject: SubjectKey, parts: readonly Part[]): { lane: Lane; parts: Part[] }[] {
  const { kind } = parseSubjectKey(subject);
  if (kind === 'integration') throw new Error('The integration is no subject that AWS could be asked about.');
  const own = parts.filter((part) => part !== 'tags');
  return [
    ...(own.length > 0 ? [{ lane: kind, parts: own }] : []),
    ...(parts.includes('tags') ? [{ lane: 'tags' as const, parts: ['tags' as const] }] : []),
  ];
}
