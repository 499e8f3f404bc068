import { setTimeout as delay } from 'node:timers/promises';
import type { Installation, Ran } from './installation.js';

export interface Check {
  id: string;
  status: 'ok' | 'failed' | 'unknown' | 'not-applicable';
  found: string;
  means?: string;
  mend?: { kind: 'command' | 'console' | 'action'; command?: string; as?: 'orgtrail' | 'management-account' }[];
}

export type Clinic = ReturnType<typeof createClinic>;

/** Where the doctor is asked, and what it prints is done. */
export function createClinic(it: Installation) {
  const said: string[] = [];
  const shell = (command: string, profile: 'orgtrail' | 'management' = 'orgtrail'): Promise<Ran> =>
    it.desk.shell(command, { profile, env: { ORGTRAIL_URL: it.apiUrl, DATABASE_URL: it.database.connectionString } });
  const must = async (command: string, profile: 'orgtrail' | 'management' = 'orgtrail'): Promise<string> => {
    const ran = await shell(command, profile);
    if (ran.code !== 0) throw new Error(`\`${command}\` ended with ${String(ran.code)}: ${ran.said}`);
    return ran.stdout;
  };
  const examine = async (): Promise<Check[]> => {
    const { stdout, said: all, code } = await shell('orgtrail doctor --json');
    said.push(all);
    if (stdout.trim() === '') throw new Error(`orgtrail doctor ended with ${String(code)}: ${all}`);
    const { installation, integrations } = JSON.parse(stdout) as { installation: Check[]; integrations: { checks: Check[] }[] };
    const checks = [...installation, ...integrations.flatMap((integration) => integration.checks)];
    const inOrder = checks.every(({ status }) => status === 'ok' || status === 'not-applicable');
    if (code !== (inOrder ? 0 : 1))
      throw new Error(`orgtrail doctor ended with ${String(code)} although ${inOrder ? 'all' : 'not all'} is in order`);
    return checks;
  };
  /** Asks again until the condition holds; answers the last report. */
  const until = async (condition: (checks: readonly Check[]) => boolean, seconds = 60): Promise<Check[]> => {
    const giveUp = Date.now() + seconds * 1000;
    for (;;) {
      const checks = await examine();
      if (condition(checks) || Date.now() > giveUp) return checks;
      await delay(500);
    }
  };
  return {
    shell,
    must,
    examine,
    until,
    integrationId: async () => (JSON.parse(await must('orgtrail integration list --json')) as { id: string }[])[0]?.id ?? '',
    secretsSaid: async () => {
      said.push((await shell('orgtrail doctor')).said);
      const { rows } = await it.database.pool.query<{ external_id: string }>('SELECT external_id FROM discovery.integrations');
      const secrets = [
        ...rows.map(({ external_id }) => ['the external id', external_id] as const),
        ['a secret access key', it.simulator.credentials.secretAccessKey] as const,
        ["the product's secret access key", it.simulator.credentialsFor(it.simulator.foreignAccountId).secretAccessKey] as const,
        ['the password of the proxy', 'proxy-password'] as const,
        ['the password of the database', new URL(it.database.connectionString).password || 'no password'] as const,
        ...[...it.simulator.organization.accounts.values()].map(({ email }) => ['an e-mail address', email] as const),
      ];
      const text = said.join('\n');
      return [...new Set(secrets.filter(([, secret]) => text.includes(secret)).map(([name]) => name))];
    },
  };
}

export const failedIn = (checks: readonly Check[]): string[] =>
  checks.filter(({ status }) => status === 'failed').map(({ id }) => id);
export const isInOrder = (checks: readonly Check[]): boolean =>
  checks.length > 20 && checks.every(({ status }) => status === 'ok' || status === 'not-applicable');
export const notInOrder = (checks: readonly Check[]): string =>
  checks
    .flatMap(({ id, status, found }) => (status === 'failed' || status === 'unknown' ? [`${id} ${status} (${found})`] : []))
    .join('; ');
