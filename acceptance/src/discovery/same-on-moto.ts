import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AccessKeyPair } from '@orgtrail/aws-simulator';
import { buildMotoOrganization, createTestDatabase, startMoto } from '@orgtrail/testkit';
import { orgtrail } from '../command.js';
import type { Report } from '../report.js';
import { simulatorOf } from '../simulator-of.js';

/** 1,000 and 100 are bearable there; it answers one call after the other. */
const shape = { accounts: 1000, organizationalUnits: 100, depth: 5 };

/** The same organization in an AWS that we did not write: what one full sync makes of it does not depend on whose it is. */
export async function sameOnMoto(report: Report): Promise<void> {
  const name = `the same document of ${shape.accounts} accounts and ${shape.organizationalUnits} OUs from moto and from the simulator`;
  const moto = await startMoto();
  if (moto === undefined) {
    report.point(name, { figure: 'there is no moto_server', bound: 'equal', pass: false });
    return;
  }
  try {
    const built = await buildMotoOrganization(moto.endpoint, shape);
    report.say('moto is built');
    const simulator = await simulatorOf(built);
    try {
      const ofMoto = await documentFrom(moto.endpoint, { accessKeyId: 'testing', secretAccessKey: 'testing' });
      report.say('moto is read');
      const ofSimulator = await documentFrom(simulator.endpoint, simulator.credentials);
      const differing = differencesOf(ofMoto, ofSimulator);
      for (const difference of differing.slice(0, 5)) report.say(difference);
      const accounts = Array.isArray(ofMoto['accounts']) ? ofMoto['accounts'].length : 0;
      report.point(name, {
        figure: `${accounts} accounts, ${differing.length} differences`,
        bound: `${shape.accounts} accounts, equal`,
        pass: accounts === shape.accounts && differing.length === 0,
      });
    } finally {
      await simulator.close();
    }
  } finally {
    await moto.stop();
  }
}

type Document = Record<string, unknown>;

/** What `orgtrail up --once` prints, without how it was read. */
async function documentFrom(endpoint: string, credentials: AccessKeyPair): Promise<Document> {
  const database = await createTestDatabase();
  const folder = await mkdtemp(join(tmpdir(), 'orgtrail-once-'));
  try {
    const ended = await orgtrail(['up', '--once', '--json', '--rate-share', '1000', '--data-directory', folder], {
      DATABASE_URL: database.connectionString,
      AWS_ENDPOINT_URL: endpoint,
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    });
    if (ended.code !== 0) throw new Error(`orgtrail up --once ended with ${String(ended.code)}: ${ended.stderr}`);
    const { summary: _howItWasRead, ...document } = JSON.parse(ended.stdout) as Document;
    return document;
  } finally {
    await rm(folder, { recursive: true, force: true });
    await database.drop();
  }
}

/** One line per member that differs, of lists the first place. */
function differencesOf(left: Document, right: Document): string[] {
  return [...new Set([...Object.keys(left), ...Object.keys(right)])].flatMap((name) => {
    const [ofLeft, ofRight] = [left[name], right[name]];
    if (isDeepStrictEqual(ofLeft, ofRight)) return [];
    const at = Array.isArray(ofLeft) && Array.isArray(ofRight) ? firstDifference(ofLeft, ofRight) : [ofLeft, ofRight];
    return [`${name}: ${JSON.stringify(at[0])} on moto, ${JSON.stringify(at[1])} on the simulator`];
  });
}

function firstDifference(left: readonly unknown[], right: readonly unknown[]): [unknown, unknown] {
  const at = [...left, ...right].findIndex((_item, index) => !isDeepStrictEqual(left[index], right[index]));
  return [left[at], right[at]];
}
