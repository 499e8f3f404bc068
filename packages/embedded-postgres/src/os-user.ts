import { createHash } from 'node:crypto';
import { chmod, lstat, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedPostgresError } from './errors.js';

/** Whom PostgreSQL runs as, when that is not ourselves. */
export interface OsUser {
  uid: number;
  gid: number;
}

/** PostgreSQL refuses to run as root. `nobody` exists on every Unix, so nothing has to be created for it. */
export function serverUser(): OsUser | undefined {
  return process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;
}

/** True when `user` may reach what lies in `directory`: every directory above must let it pass. */
export async function canReach(user: OsUser | undefined, directory: string): Promise<boolean> {
  if (user === undefined) return true;
  for (let current = path.resolve(directory); ; current = path.dirname(current)) {
    const { mode, uid } = await stat(current);
    if ((mode & (uid === user.uid ? 0o100 : 0o001)) === 0) return false;
    if (current === path.dirname(current)) return true;
  }
}

/**
 * A directory below the system's temporary one that `user` can reach, always the same one for the same `purpose`. The temporary
 * directory belongs to everybody: one that somebody else made there before us is refused.
 */
export async function reachablePlace(user: OsUser, purpose: string): Promise<string> {
  const place = path.join(tmpdir(), `orgtrail-${createHash('sha256').update(purpose).digest('hex').slice(0, 16)}`);
  await mkdir(place, { recursive: true });
  const made = await lstat(place);
  if (!made.isDirectory() || made.uid !== process.getuid?.() || (made.mode & 0o022) !== 0) {
    throw new EmbeddedPostgresError(
      'UNUSABLE_DIRECTORY',
      `${place} exists and belongs to somebody else: remove it, or set TMPDIR`,
    );
  }
  await chmod(place, 0o711);
  if (!(await canReach(user, place))) {
    throw new EmbeddedPostgresError(
      'UNUSABLE_DIRECTORY',
      `PostgreSQL does not run as root, and the user it runs as (uid ${user.uid}) cannot reach ${place}: set TMPDIR to a directory that every user may enter`,
    );
  }
  return place;
}
