import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { parseQueueMessage } from '../intake/envelope.js';
import type { Interpretation } from './hint.js';
import { eventKinds, interpret } from './registry.js';

const folder = new URL('./fixtures/cloudtrail/', import.meta.url);
const context = { managementAccountId: '111122223333' };

/** Every sample, and what it makes us look at. */
const table: Record<string, string[]> = {
  'account-delete-alternate-contact.json': ['no-op: irrelevant'],
  'account-get-alternate-contact.json': ['no-op: read-only'],
  'account-put-alternate-contact.json': ['no-op: irrelevant'],
  // The page prints XXXXXXXXXXXX for the account and a capital id for the OU.
  'ct-create-managed-account.json': ['full sync: names no account'],
  'ct-deregister-organizational-unit.json': ['no-op: irrelevant'],
  'ct-register-organizational-unit.json': ['no-op: irrelevant'],
  'ct-update-managed-account.json': ['full sync: names no account'],
  'eb-close-account-result-2022.json': ['account:444455556666 core'],
  'eb-create-account-result-2023.json': ['account:444455556666 core, placement, tags', 'delegation:444455556666 core'],
  // ou-exampleRootId-exampleOUId is no valid id.
  'eb-create-organizational-unit-tutorial.json': ['full sync: names no organizational unit'],
  'eb-move-account-2020.json': ['account:444455556666 core, placement'],
  'eb-move-account-2026-fixture.json': ['account:444455556666 core, placement'],
  'eb-remove-account-from-organization-2020.json': ['account:444455556666 core (departs)', 'delegation:444455556666 core'],
  'eb-update-policy-2022.json': ['no-op: irrelevant'],
  'org-attach-policy-2023.json': ['no-op: irrelevant'],
  'org-attach-policy-failed.json': ['no-op: failed-call'],
  'org-close-account-result.json': ['account:555555555555 core'],
  'org-close-account.json': ['account:555555555555 core'],
  'org-create-account-panther.json': ['tied to car-3333333333'],
  'org-create-account-result-failed.json': ['no-op: irrelevant'],
  // The account id has 16 digits.
  'org-create-account-result-panther.json': ['full sync: names no account'],
  'org-create-account-result-succeeded.json': ['account:444455556666 core, placement, tags', 'delegation:444455556666 core'],
  'org-create-account.json': ['tied to car-examplecreateaccountrequestid111'],
  'org-create-organizational-unit.json': ['ou:ou-examplerootid111-exampleouid111 core, placement, tags'],
  'org-create-policy-2023.json': ['no-op: irrelevant'],
  'org-describe-account-panther.json': ['no-op: read-only'],
  'org-describe-organization-denied.json': ['no-op: failed-call'],
  'org-detach-policy-2023.json': ['no-op: irrelevant'],
  'org-disable-policy-type-2023.json': ['root:r-bmrv core'],
  'org-effective-policy-validation-invalid.json': ['no-op: irrelevant'],
  'org-effective-policy-validation-valid.json': ['no-op: irrelevant'],
  'org-invite-account-to-organization.json': ['invitation:h-examplehandshakeid111 core'],
  'org-leave-organization-denied-stratus.json': ['no-op: failed-call'],
  'org-leave-organization-denied.json': ['no-op: failed-call'],
  'org-list-accounts-denied.json': ['no-op: failed-call'],
  'org-list-organizational-units-for-parent-denied.json': ['no-op: failed-call'],
  'org-put-resource-policy-2023.json': ['no-op: irrelevant'],
  'org-responsibility-transfer-accepted.json': ['no-op: irrelevant'],
  'org-responsibility-transfer-terminated.json': ['no-op: irrelevant'],
  'org-update-policy-2023.json': ['no-op: irrelevant'],
  'sqs-move-account-2026-fixture.json': ['account:444455556666 core, placement'],
};

describe('the published CloudTrail samples', () => {
  it('are all in the table, and nothing else is', () => {
    expect(
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .sort(),
    ).toEqual(Object.keys(table).sort());
    expect(Object.keys(table)).toHaveLength(41);
  });

  it.each(Object.entries(table))('%s means %j', (file, meaning) => {
    const parsed = parseQueueMessage(readFileSync(new URL(file, folder), 'utf8'));
    if (parsed.kind === 'refused') throw new Error(`refused: ${parsed.detail}`);
    expect(parsed.unreadable).toBe(0);
    expect(parsed.records).toHaveLength(1);
    expect(parsed.records.flatMap(({ record }) => say(interpret(record, context)))).toEqual(meaning);
  });
});

describe('the evidence of a kind', () => {
  it('is a sample exactly where one of a call that succeeded, or of a result, is published', () => {
    const published = new Set(
      Object.keys(table).flatMap((file) => {
        const parsed = parseQueueMessage(readFileSync(new URL(file, folder), 'utf8'));
        if (parsed.kind === 'refused') return [];
        return parsed.records.flatMap(({ record }) =>
          record.errorCode === undefined ? [`${record.eventSource} ${record.eventName}`] : [],
        );
      }),
    );
    for (const { source, name, evidence } of eventKinds) {
      expect([source, name, evidence === 'sample']).toEqual([source, name, published.has(`${source} ${name}`)]);
    }
  });
});

function say(interpretation: Interpretation): string[] {
  if (interpretation.kind === 'no-op') return [`no-op: ${interpretation.reason}`];
  const hints = interpretation.hints.map(
    ({ subject, parts, announcesDeparture }) => `${subject} ${parts.join(', ')}${announcesDeparture ? ' (departs)' : ''}`,
  );
  const tied = interpretation.correlation === undefined || hints.length > 0 ? [] : [`tied to ${interpretation.correlation}`];
  return interpretation.kind === 'full-sync' ? [`full sync: ${interpretation.fullSync.reason}`, ...hints] : [...tied, ...hints];
}
