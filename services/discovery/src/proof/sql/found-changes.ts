import type { Queryable } from '@orgtrail/database';

/** `unannounceable`: AWS does it by itself, and there is no event of it. */
export type FoundOutcome = 'open' | 'explained' | 'missed' | 'unannounceable';
/** By kind (`created`, `ended`, `updated-tags`, …), then by what became of it. */
export type FoundCounts = Record<string, Partial<Record<FoundOutcome, number>>>;

export interface FoundChanges {
  /** Since the last sync that ended began. */
  lastSync: FoundCounts;
  day: FoundCounts;
  month: FoundCounts;
  lastFoundAt?: Date;
  lastMissedAt?: Date;
  /** Missed in 24 hours, of the core of accounts: what a member does to itself is logged in its own account. */
  missedOfMembers: number;
}

/** What syncs found changed and no event had named when it was found. */
export async function selectFoundChanges(database: Queryable, integrationId: string): Promise<FoundChanges> {
  const { rows } = await database.query<{
    kind: string;
    outcome: FoundOutcome;
    last_sync: number;
    day: number;
    month: number;
    of_members: number;
    last_found_at: Date;
  }>(
    `SELECT kind, outcome, count(*)::int AS month, max(found_at) AS last_found_at,
            count(*) FILTER (WHERE found_at > clock_timestamp() - interval '24 hours')::int AS day,
            count(*) FILTER (WHERE found_at > clock_timestamp() - interval '24 hours'
                               AND kind = 'updated-core' AND subject LIKE 'account:%')::int AS of_members,
            count(*) FILTER (WHERE found_at >= (SELECT started_at FROM discovery.full_syncs
                                                 WHERE integration_id = $1 AND outcome IN ('complete', 'incomplete')
                                                 ORDER BY id DESC LIMIT 1))::int AS last_sync
       FROM discovery.found_changes
      WHERE integration_id = $1 AND found_at > clock_timestamp() - interval '30 days'
      GROUP BY kind, outcome ORDER BY kind, outcome`,
    [integrationId],
  );
  const counts = (of: 'last_sync' | 'day' | 'month'): FoundCounts => {
    const found: FoundCounts = {};
    for (const row of rows) if (row[of] > 0) found[row.kind] = { ...found[row.kind], [row.outcome]: row[of] };
    return found;
  };
  const latest = (among: typeof rows): Date | undefined =>
    among
      .map(({ last_found_at }) => last_found_at)
      .reduce<Date | undefined>((left, right) => (left && left > right ? left : right), undefined);
  const lastFoundAt = latest(rows);
  const lastMissedAt = latest(rows.filter(({ outcome }) => outcome === 'missed'));
  return {
    lastSync: counts('last_sync'),
    day: counts('day'),
    month: counts('month'),
    missedOfMembers: rows.reduce((sum, row) => sum + (row.outcome === 'missed' ? row.of_members : 0), 0),
    ...(lastFoundAt ? { lastFoundAt } : {}),
    ...(lastMissedAt ? { lastMissedAt } : {}),
  };
}
