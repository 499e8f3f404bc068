import type pg from 'pg';
import type { IntegrationCore } from '../observed/subject-state.js';
import { drawVersion } from '../observed/sql/draw-version.js';
import { lockSubjects } from '../observed/sql/lock-subjects.js';
import { storeSubjects } from '../observed/sql/store-subjects.js';
import { integrationSubject } from '../subjects.js';

/**
 * Leaves word for the writer about the whole scope, as a subject of its own: published after everything that was merged before, at
 * least once, under the same version guard.
 */
export async function announce(client: pg.PoolClient, integrationId: string, news: Partial<IntegrationCore>): Promise<void> {
  const locked = (await lockSubjects(client, integrationId, [integrationSubject])).get(integrationSubject);
  if (!locked) throw new Error('The row of the integration vanished while it was being locked.');
  const version = await drawVersion(client, integrationId);
  const before = locked.state.parts.core?.value as IntegrationCore | undefined;
  const value: IntegrationCore = { removed: false, ...before, ...news };
  await storeSubjects(client, integrationId, [
    {
      subject: integrationSubject,
      state: { ...locked.state, parts: { core: { version, value } } },
      appearedVersion: 0n,
      publish: { version, baseline: false },
    },
  ]);
}
