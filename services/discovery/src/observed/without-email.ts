import type { PartRead } from './subject-state.js';

/** While members are not configured no e-mail address is kept, in whatever subject it stands. */
export function withoutEmail(read: PartRead): PartRead {
  if (read.part !== 'core' || !('email' in read.value || 'managementAccountEmail' in read.value)) return read;
  const value = { ...read.value };
  Reflect.deleteProperty(value, 'email');
  Reflect.deleteProperty(value, 'managementAccountEmail');
  return { ...read, value };
}
