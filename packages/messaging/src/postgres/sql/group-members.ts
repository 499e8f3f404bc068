import type { Queryable } from '@orgtrail/database';

export const groupsChannel = 'bus_groups';

/** Until the end of the transaction, nobody else changes who holds what in this group. */
export async function lockGroup(db: Queryable, group: string): Promise<void> {
  await db.query(`SELECT pg_advisory_xact_lock(hashtextextended('bus.group ' || $1, 0))`, [group]);
}

/** Joins, or stays for another lease. All times are the database's, so that no two machines' clocks are compared. */
export async function renewMember(
  db: Queryable,
  { group, member, topics, leaseMs }: { group: string; member: string; topics: readonly string[]; leaseMs: number },
): Promise<void> {
  await db.query(
    `INSERT INTO bus.group_members (group_name, member, topics, expires_at)
     VALUES ($1, $2, $3, clock_timestamp() + $4 * interval '1 millisecond')
     ON CONFLICT (group_name, member) DO UPDATE SET expires_at = excluded.expires_at`,
    [group, member, topics, leaseMs],
  );
}

/** Removes members whose lease ran out; what they held becomes free. */
export async function expireMembers(db: Queryable, group: string): Promise<void> {
  await db.query('DELETE FROM bus.group_members WHERE group_name = $1 AND expires_at < clock_timestamp()', [group]);
  await db.query(
    `UPDATE bus.group_offsets o SET member = NULL
     WHERE o.group_name = $1 AND o.member IS NOT NULL
       AND NOT EXISTS (SELECT FROM bus.group_members m WHERE m.group_name = $1 AND m.member = o.member)`,
    [group],
  );
}

export async function selectMembers(db: Queryable, group: string): Promise<{ member: string; topics: string[] }[]> {
  const { rows } = await db.query<{ member: string; topics: string[] }>(
    'SELECT member, topics FROM bus.group_members WHERE group_name = $1 ORDER BY member',
    [group],
  );
  return rows;
}

export async function deleteMember(db: Queryable, group: string, member: string): Promise<void> {
  await db.query('DELETE FROM bus.group_members WHERE group_name = $1 AND member = $2', [group, member]);
  await db.query('UPDATE bus.group_offsets SET member = NULL WHERE group_name = $1 AND member = $2', [group, member]);
}

/** Tells the other members to look again at who holds what. */
export async function notifyGroup(db: Queryable, group: string): Promise<void> {
  await db.query('SELECT pg_notify($1, $2)', [groupsChannel, group]);
}
