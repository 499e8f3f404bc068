import type { AwsConnection, RoleVerifier } from '@orgtrail/aws';
import type { Bus } from '@orgtrail/messaging';
import type pg from 'pg';
import { verifierSettingsOf, type StoredIntegration } from '../../integrations/integration.js';
import { selectIntegration } from '../../integrations/sql/select-integrations.js';
import { roleOf, type RoleSettings, type VerifierSettings } from '../../integrations/role-settings.js';
import { askOwner } from './ask-owner.js';
import type { CheckResult } from './check.js';
import { installationChecks, integrationChecks } from './checks/index.js';
import { examineInstallation, examineIntegration, type InstallationExamination } from './examination.js';
import { runChecks } from './run-checks.js';
import { selectAsked, storeAnswer } from './sql/examinations.js';

export interface DoctorOptions {
  pool: pg.Pool;
  bus: Bus;
  connect(role: RoleSettings): AwsConnection;
  verifier(role: VerifierSettings): RoleVerifier;
  /** By which an integration is being read at the moment: a doctor takes of the same budget. */
  connectionOf?(integrationId: string): AwsConnection | undefined;
  /** Whether this replica has claimed the integration. One that another replica watches is examined there. */
  owns?(integrationId: string): boolean;
  environment: Readonly<Record<string, string | undefined>>;
}

/** What was found. Without a database nothing is said of the integrations. */
export interface DoctorReport {
  installation: CheckResult[];
  integrations: { id: string; name: string; organizationId?: string; checks: CheckResult[] }[];
}

/** Asks everything anew, with sessions of its own, and changes nothing. */
export interface Doctor {
  /** `which`: of the integrations, once the database is known to answer. Whoever asks while the same is being examined gets that answer. */
  examine(which: () => Promise<StoredIntegration[]>): Promise<DoctorReport>;
  /** Examines those of these integrations that another replica asks about. Resolves to how many. */
  answerOthers(owned: readonly string[]): Promise<number>;
}

export function createDoctor(options: DoctorOptions): Doctor {
  const running = new Map<string, Promise<CheckResult[]>>();
  /** AWS's budget is shared: two who ask at once are answered once. */
  const together = (key: string, examine: () => Promise<CheckResult[]>): Promise<CheckResult[]> => {
    const answer = running.get(key) ?? examine().finally(() => running.delete(key));
    running.set(key, answer);
    return answer;
  };
  const examineOne = async (
    installation: InstallationExamination,
    stored: StoredIntegration,
    before: readonly CheckResult[],
  ): Promise<CheckResult[]> => {
    const aws = options.connect({ ...roleOf(stored), sharesBudgetOf: options.connectionOf?.(stored.id) });
    const verifier = options.verifier(verifierSettingsOf(stored.settings));
    try {
      return await runChecks(integrationChecks, examineIntegration(installation, { stored, aws, verifier }), { before });
    } finally {
      aws.destroy();
      verifier.destroy();
    }
  };
  const wherever = async (
    installation: InstallationExamination,
    stored: StoredIntegration,
    before: readonly CheckResult[],
  ): Promise<CheckResult[]> => {
    const isOthers = options.owns !== undefined && !options.owns(stored.id);
    return (isOthers ? await askOwner(options.pool, stored.id) : undefined) ?? examineOne(installation, stored, before);
  };
  const doctor: Doctor = {
    examine: async (which) => {
      const own = options.connect({});
      try {
        const examination = examineInstallation({ ...options, own });
        const installation = await runChecks(installationChecks, examination);
        const databaseAnswers = installation.some(({ id, status }) => id === 'database.reachable' && status === 'ok');
        const integrations: DoctorReport['integrations'] = [];
        // One after the other: an installation has few, and each has its own budget at AWS.
        for (const stored of databaseAnswers ? await which() : []) {
          const checks = await together(stored.id, () => wherever(examination, stored, installation));
          const { id, settings, organizationId } = stored;
          integrations.push({ id, name: settings.name, ...(organizationId === undefined ? {} : { organizationId }), checks });
        }
        return { installation, integrations };
      } finally {
        own.destroy();
      }
    },
    answerOthers: async (owned) => {
      if (owned.length === 0) return 0;
      const asked = await selectAsked(options.pool, owned);
      for (const { integrationId, ask } of asked) {
        const stored = await selectIntegration(options.pool, integrationId);
        const { integrations } = await doctor.examine(() => Promise.resolve(stored ? [stored] : []));
        await storeAnswer(options.pool, { integrationId, ask, checks: integrations[0]?.checks ?? [] });
      }
      return asked.length;
    },
  };
  return doctor;
}
