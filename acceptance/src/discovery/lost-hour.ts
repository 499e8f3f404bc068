import { isDeepStrictEqual } from 'node:util';
import { setTimeout as delay } from 'node:timers/promises';
import { createRandom, startSimulator, type AccountRecord, type OrganizationView, type Simulator } from '@orgtrail/aws-simulator';
import { readGraph } from '@orgtrail/graph-writer';
import { differencesOf } from '../graph-oracle.js';
import { startPipeline, type Pipeline } from '../pipeline.js';
import type { Report } from '../report.js';

const minuteMs = 60_000;
const missedChangeWindowSeconds = 2;

/** For an hour everything happens and no event comes; then one light sync, and the graph is right and knows how much it had missed. */
export async function lostHour(report: Report): Promise<void> {
  // The hour lies before now, so that nothing that is read seems to come from the future.
  const simulator = await startSimulator({ seed: 51, accounts: 300, organizationalUnits: 40, clockBehindMs: 61 * minuteMs });
  const pipeline = await startPipeline(simulator, { missedChangeWindowSeconds });
  try {
    const atFirst = await equalAgain(pipeline, simulator);
    if (atFirst.length > 0) throw new Error(`The graph is not the organization to begin with: ${atFirst[0] ?? ''}`);
    const before = remember(simulator.organization);
    simulator.setBehaviour({ lossRate: 1 });
    anHour(simulator);
    simulator.setBehaviour({ lossRate: 0 });
    report.say(`${simulator.events.lost.length} events lost`);
    const expected = changesBetween(before, remember(simulator.organization));
    await pipeline.discovery.sync('light', 'acceptance');
    const differences = await equalAgain(pipeline, simulator);
    for (const difference of differences.slice(0, 5)) report.say(difference);
    report.point(`events lost for an hour (${simulator.events.lost.length}), one light sync: graph`, {
      figure: `${differences.length} differences`,
      bound: 'equal to the organization',
      pass: differences.length === 0,
    });
    const missed = await missedChanges(pipeline);
    report.say(`missed: ${JSON.stringify(missed)}, expected: ${JSON.stringify(expected)}`);
    report.point('changes counted as missed afterwards, per kind', {
      figure: text(missed),
      bound: text(expected),
      pass: text(missed) === text(expected),
    });
    await eventsArriveAgain(report, { simulator, pipeline });
  } finally {
    await pipeline.stop();
    await simulator.close();
  }
}

/** Sixty minutes, something in each: of what a light sync can see. New OUs are seen by the accounts that move into them. */
function anHour(simulator: Simulator): void {
  const { actions } = simulator;
  const random = createRandom(51);
  const { managementAccountId } = simulator.organization.identity;
  const some = (): AccountRecord => {
    const { organization } = simulator;
    return random.pick(
      [...organization.accounts.values()].filter(
        ({ id, state }) => id !== managementAccountId && state === 'ACTIVE' && !organization.isDelegatedAdministrator(id),
      ),
    );
  };
  const elsewhere = (account: AccountRecord): string =>
    random.pick([...simulator.organization.organizationalUnits.keys()].filter((id) => id !== account.parentId));
  const move = (account: AccountRecord, destinationParentId = elsewhere(account)): void =>
    actions.moveAccount({ accountId: account.id, destinationParentId });
  const kinds: ((minute: number) => void)[] = [
    () => move(some()),
    (minute) => actions.tagResource({ resourceId: some().id, tags: { minute: String(minute), Team: `team ${minute}` } }),
    (minute) =>
      void actions.createAccount({ accountName: `born ${minute}`, email: `born-${minute}@example.com`, tags: { minute: '0' } }),
    (minute) => actions.putAccountName({ accountId: some().id, accountName: `named ${minute}` }),
    (minute) => actions.renameOwnAccount({ accountId: some().id, accountName: `calls itself ${minute}` }),
    () => actions.closeAccount({ accountId: some().id }),
    (minute) => {
      const [parentId] = [...simulator.organization.organizationalUnits.keys()];
      const name = `new in minute ${minute}`;
      const made = actions.createOrganizationalUnit({ parentId: parentId ?? simulator.organization.root.id, name });
      move(some(), made.organizationalUnitId);
    },
    (minute) => (minute % 20 < 10 ? actions.leaveOrganization : actions.removeAccountFromOrganization)({ accountId: some().id }),
    () => {
      const account = some();
      actions.untagResource({ resourceId: account.id, tagKeys: [...account.tags.keys()] });
    },
    () => actions.suspend(some().id),
  ];
  for (let minute = 0; minute < 60; minute += 1) {
    simulator.advance(minuteMs);
    kinds[minute % kinds.length]?.(minute);
  }
}

interface Remembered {
  accounts: ReadonlyMap<string, AccountRecord>;
  units: ReadonlySet<string>;
}

const remember = ({ accounts, organizationalUnits }: OrganizationView): Remembered => ({
  accounts: new Map(accounts),
  units: new Set(organizationalUnits.keys()),
});

/** `byAws`: what has no event to lose, and so was not missed. */
type Counts = Record<'appeared' | 'ended' | 'changed' | 'byAws' | 'moved' | 'tags', number>;

/** How many subjects differ, and in what: what has changed back is no change, and two changes of one thing are one. */
function changesBetween(before: Remembered, after: Remembered): Counts {
  const counts: Counts = { appeared: 0, ended: 0, changed: 0, byAws: 0, moved: 0, tags: 0 };
  for (const id of after.units) if (!before.units.has(id)) counts.appeared += 1;
  for (const [id, account] of after.accounts) {
    const then = before.accounts.get(id);
    if (then === undefined) {
      counts.appeared += 1;
      continue;
    }
    const { tags, parentId, closedAt: _notShown, ...shown } = account;
    const { tags: tagsThen, parentId: parentThen, closedAt: _neither, ...shownThen } = then;
    if (!isDeepStrictEqual(shown, shownThen)) {
      // AWS alone suspends; a name that changed as well had an event.
      const isSuspensionOnly = shown.state === 'SUSPENDED' && isDeepStrictEqual({ ...shown, state: shownThen.state }, shownThen);
      counts[isSuspensionOnly ? 'byAws' : 'changed'] += 1;
    }
    if (parentId !== parentThen) counts.moved += 1;
    if (!isDeepStrictEqual(new Map(tags), new Map(tagsThen))) counts.tags += 1;
  }
  for (const id of before.accounts.keys()) if (!after.accounts.has(id)) counts.ended += 1;
  return counts;
}

async function missedChanges({ database }: Pipeline): Promise<Counts> {
  await delay((missedChangeWindowSeconds + 2) * 1000);
  const { rows } = await database.pool.query<{ kind: string; outcome: string; count: number }>(
    `SELECT kind, outcome, count(*)::int AS count FROM discovery.found_changes GROUP BY kind, outcome`,
  );
  const counts: Counts = { appeared: 0, ended: 0, changed: 0, byAws: 0, moved: 0, tags: 0 };
  for (const { kind, outcome, count } of rows) {
    if (outcome === 'missed') counts[kindOf(kind)] += count;
    if (outcome === 'unannounceable') counts.byAws += count;
  }
  return counts;
}

/** Discovery's kinds tell the part that changed. */
function kindOf(kind: string): keyof Counts {
  if (kind.startsWith('created') || kind.startsWith('returned')) return 'appeared';
  if (kind.startsWith('ended')) return 'ended';
  if (kind === 'updated-placement') return 'moved';
  return kind === 'updated-tags' ? 'tags' : 'changed';
}

const text = (counts: Counts): string =>
  Object.entries(counts)
    .map(([kind, count]) => `${count} ${kind}`)
    .join(', ');

/** Waits until the graph is the organization, at most a minute; answers with what differs then. */
async function equalAgain(pipeline: Pipeline, simulator: Simulator): Promise<string[]> {
  const giveUp = Date.now() + minuteMs;
  for (;;) {
    await pipeline.settled();
    const graph = await readGraph(pipeline.database.pool, pipeline.discovery.integration().id);
    const differences = differencesOf(graph, simulator.organization);
    if (differences.length === 0 || Date.now() > giveUp) return differences;
    await delay(250);
  }
}

/** From the call to the row, one event after the other: of interest, and no promise here. */
async function eventsArriveAgain(
  report: Report,
  { simulator, pipeline }: { simulator: Simulator; pipeline: Pipeline },
): Promise<void> {
  const { id } = simulator.organization.managementAccount;
  const took: number[] = [];
  for (let turn = 0; turn < 40; turn += 1) {
    const began = performance.now();
    simulator.actions.tagResource({ resourceId: id, tags: { turn: String(turn) } });
    while ((await turnInGraph(pipeline, id)) !== String(turn)) {
      if (performance.now() - began > 30_000) throw new Error('An event did not become a row within 30 s.');
      await delay(5);
    }
    took.push(performance.now() - began);
  }
  took.sort((left, right) => left - right);
  const at = (share: number): string => `${Math.round(took[Math.ceil(share * took.length) - 1] ?? NaN)} ms`;
  report.say(`from an event to its row, ${took.length} single ones: p50 ${at(0.5)}, p95 ${at(0.95)}`);
}

async function turnInGraph({ database }: Pipeline, accountId: string): Promise<string | undefined> {
  const { rows } = await database.pool.query<{ turn: string | null }>(
    `SELECT properties ->> 'tag.turn' AS turn FROM graph.entities WHERE account_id = $1 AND type = 'aws_account' AND live`,
    [accountId],
  );
  return rows[0]?.turn ?? undefined;
}
