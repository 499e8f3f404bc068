import type { Queryable } from '@orgtrail/database';
import type { StoredMember } from '../member.js';
import { decodeMember, memberColumns, type MemberRow } from './select-members.js';

export interface ListedMember extends StoredMember {
  name: string;
  roleOverridden: boolean;
  /** From the root down to the parent; empty while the place is not known. */
  path: { id: string; name: string }[];
}

/** Members with their names and places, by name. A departed account has no name any more. */
export async function listMembers(database: Queryable, integrationId: string, accountId?: string): Promise<ListedMember[]> {
  const { rows } = await database.query<
    MemberRow & { name: string | null; role_overridden: boolean; path: { id: string; name: string }[] | null }
  >(
    `SELECT ${memberColumns.replaceAll(/\b([a-z_]+)\b(?=,|$)/g, 'member.$1')}, role.role_arn IS NOT NULL AS role_overridden,
            observed.parts #>> '{core,value,name}' AS name,
            (SELECT jsonb_agg(jsonb_build_object('id', above.id, 'name', coalesce(node.parts #>> '{core,value,name}', above.id)) ORDER BY above.position)
               FROM jsonb_array_elements_text(observed.parts #> '{placement,value,ancestorIds}') WITH ORDINALITY AS above (id, position)
               LEFT JOIN discovery.observed_subjects AS node
                      ON node.integration_id = member.integration_id AND node.live
                     AND node.subject = CASE WHEN above.id LIKE 'r-%' THEN 'root:' ELSE 'ou:' END || above.id) AS path
       FROM discovery.members AS member
       LEFT JOIN discovery.observed_subjects AS observed
              ON observed.integration_id = member.integration_id AND observed.subject = 'account:' || member.account_id
       LEFT JOIN discovery.member_roles AS role
              ON role.integration_id = member.integration_id AND role.account_id = member.account_id
      WHERE member.integration_id = $1 AND ($2::text IS NULL OR member.account_id = $2)
      ORDER BY observed.parts #>> '{core,value,name}', member.account_id`,
    [integrationId, accountId ?? null],
  );
  return rows.map((row) => ({
    ...decodeMember(row),
    name: row.name ?? row.account_id,
    roleOverridden: row.role_overridden,
    path: row.path ?? [],
  }));
}

export interface Transition {
  at: Date;
  from?: string;
  to: string;
  cause?: string;
  reason: string;
  changedBy?: StoredMember['changedBy'];
}

/** The newest transitions of one member, newest first. */
export async function listTransitions(database: Queryable, integrationId: string, accountId: string): Promise<Transition[]> {
  const { rows } = await database.query<{
    at: Date;
    from_status: string | null;
    to_status: string;
    cause: string | null;
    reason: string;
    changed_by: NonNullable<StoredMember['changedBy']> | null;
  }>(
    `SELECT at, from_status, to_status, cause, reason, changed_by FROM discovery.member_transitions
      WHERE integration_id = $1 AND account_id = $2 ORDER BY id DESC LIMIT 500`,
    [integrationId, accountId],
  );
  return rows.map((row) => ({
    at: row.at,
    ...(row.from_status === null ? {} : { from: row.from_status }),
    to: row.to_status,
    ...(row.cause === null ? {} : { cause: row.cause }),
    reason: row.reason,
    ...(row.changed_by === null ? {} : { changedBy: row.changed_by }),
  }));
}
