import { breakagesOf } from './breakages/all.js';
import type { Breakage } from './breakages/breakage.js';
import { createClinic, failedIn, isInOrder, notInOrder, type Clinic } from './clinic.js';
import { startInstallation, type Installation } from './installation.js';
import type { Report } from '../report.js';

/** Every check broken alone: exactly that one fails, what it prints mends it, and everything is in order again. */
export async function breakAndMend(report: Report): Promise<void> {
  const it = await startInstallation({ seed: 6, accounts: 40, organizationalUnits: 8 });
  const clinic = createClinic(it);
  try {
    await connect(report, it, clinic);
    const breakages = breakagesOf(it, clinic);
    for (const breakage of breakages) await treat(report, clinic, breakage);
    const ids = (await clinic.examine()).map(({ id }) => id);
    const untried = ids.filter((id) => !breakages.some((breakage) => breakage.id === id));
    report.point(`checks of the doctor that were broken, of ${ids.length}`, {
      figure: `${ids.length - untried.length}${untried.length > 0 ? `, all but ${untried.join(', ')}` : ''}`,
      bound: 'all, and at least 18',
      pass: untried.length === 0 && ids.length >= 18,
    });
    const secrets = await clinic.secretsSaid();
    report.point('secrets in all that the doctor said', {
      figure: secrets.join(', ') || 'none',
      bound: 'none',
      pass: secrets.length === 0,
    });
  } finally {
    await it.stop();
  }
}

/** From nothing to connected, by the ways that are handed out. */
async function connect(report: Report, it: Installation, { must, until }: Clinic): Promise<void> {
  const { managementAccount } = it.simulator.organization;
  await must(`orgtrail integration create Acceptance --role-arn arn:aws:iam::${managementAccount.id}:role/OrgtrailIntegration`);
  await must('orgtrail integration onboard cli --write .');
  await must('bash connect-management-account.sh --without-events', 'management');
  await must('orgtrail integration enable-events --yes', 'management');
  await must('bash connect-members.sh', 'management');
  // Whether an event came already depends on what AWS told of the connection itself.
  const before = await until((checks) => isInOrder(checks) || failedIn(checks).join() === 'events.arriving', 120);
  for (const { command, as } of before.find(({ id }) => id === 'events.arriving')?.mend ?? []) {
    if (command !== undefined) await must(command, as === 'management-account' ? 'management' : 'orgtrail');
  }
  await must(
    `aws organizations tag-resource --resource-id ${managementAccount.id} --tags Key=acceptance,Value=begins`,
    'management',
  );
  const after = await until(isInOrder, 120);
  report.point('all checks after the connection by script, enable-events and script', {
    figure: notInOrder(after) || 'all in order',
    bound: 'all in order',
    pass: isInOrder(after),
  });
}

async function treat(report: Report, clinic: Clinic, { id, how, break: breakIt, byHand }: Breakage): Promise<void> {
  report.say(`${id}: ${how}`);
  await breakIt();
  const broken = await clinic.until((checks) => failedIn(checks).includes(id));
  const exactly = failedIn(broken).join() === id;
  const failedCheck = broken.find((check) => check.id === id);
  const mends = failedCheck?.mend ?? [];
  const explained = failedCheck?.means !== undefined && mends.length > 0;
  const printed = mends.flatMap(({ command, as }) => (command === undefined ? [] : [{ command, as }]));
  const ran: string[] = [];
  if (byHand) {
    await byHand.act();
  } else {
    for (const { command, as } of printed) {
      const { code, said } = await clinic.shell(command, as === 'management-account' ? 'management' : 'orgtrail');
      if (code !== 0) ran.push(`\`${command}\` ended with ${String(code)}: ${said.slice(-300)}`);
    }
  }
  const after = await clinic.until(isInOrder, 90);
  const mended = isInOrder(after) && ran.length === 0 && (byHand !== undefined || printed.length > 0);
  report.point(`${id} (${how})`, {
    figure: `failed: ${failedIn(broken).join(', ') || 'none'}; ${byHand ? `by hand (${byHand.what})` : 'by what it printed'}: ${mended ? 'in order' : [notInOrder(after), ...ran].join('; ')}`,
    bound: `exactly ${id}, explained; then all in order`,
    pass: exactly && explained && mended,
  });
}
