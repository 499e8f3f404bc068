import { randomBytes } from 'node:crypto';

/** A name for a resource without one of its own: no two are the same, so that a replacement can stand beside what it replaces. */
export function physicalName({
  stackName,
  logicalId,
  longest,
}: {
  stackName: string;
  logicalId: string;
  longest: number;
}): string {
  const unique = randomBytes(6).toString('hex').toUpperCase();
  const room = longest - unique.length - 2;
  const resource = logicalId.slice(0, Math.max(Math.ceil(room / 2), room - stackName.length));
  return `${stackName.slice(0, room - resource.length)}-${resource}-${unique}`;
}
