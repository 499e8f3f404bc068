/**
 * Least privilege, both ways: the actions that the product called while all tests ran (as the simulated AWS saw them) are exactly those that
 * our policies allow. `node scripts/check-actions.mjs <record>`; prints one line for each policy, and the difference. A call that only tries
 * a permission is no use of it: the doctor tries each one that is declared.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap.mjs';

const { eventPathOperatorActions, managementRoleActions, memberRoleActions } = await import(
  path.join(root, 'packages', 'aws', 'dist', 'index.js')
);
const policies = { management: managementRoleActions, member: memberRoleActions, operator: eventPathOperatorActions };
/** Whoever may assume the roles needs the first, and nobody needs a permission for the second. */
const ofNoPolicy = new Set(['sts:AssumeRole', 'sts:GetCallerIdentity']);

const [file] = process.argv.slice(2);
if (file === undefined || !existsSync(file)) {
  process.stdout.write(`There is no record of actions at ${file}: no test started a simulator that was told to keep one.\n`);
  process.exit(1);
}
const recorded = readFileSync(file, 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line))
  .filter(({ agent }) => agent !== 'orgtrail-probe');
let differs = false;
for (const [name, declared] of Object.entries(policies)) {
  const allowed = new Set(declared.map(({ action }) => action));
  const used = new Set(recorded.filter((call) => policyOf(call) === name).map(({ action }) => action));
  const idle = [...allowed].filter((action) => !used.has(action));
  const missing = [...used].filter((action) => !allowed.has(action) && !ofNoPolicy.has(action));
  differs ||= idle.length + missing.length > 0;
  process.stdout.write(
    `${name}: ${allowed.size} actions allowed, ${used.size} used; allowed and never used: ${idle.join(', ') || 'none'}; used and not allowed: ${missing.join(', ') || 'none'}\n`,
  );
}
process.exit(differs ? 1 : 0);

function policyOf({ agent, session }) {
  if (agent === 'orgtrail-operator') return 'operator';
  return session === 'orgtrail-verification' || session === 'orgtrail-negative-check' ? 'member' : 'management';
}
