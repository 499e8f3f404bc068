/** Did anything that is built change since the last build? Reading all sources takes some 20 ms; asking turbo takes a second. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const stampFile = (root) => path.join(root, 'node_modules', '.orgtrail-built');
const notBuilt = new Set(['dist', 'gen', 'node_modules', '.turbo', 'coverage']);

/** The stamp of what has to be built now; undefined when the last build was of exactly this. */
export function changedSources(root) {
  const hash = createHash('sha256');
  let complete = true;
  for (const file of ['package.json', 'package-lock.json', 'turbo.json', 'tsconfig.base.json'])
    hash.update(readFileSync(path.join(root, file)));
  for (const workspace of workspacesOf(root)) {
    const { scripts } = JSON.parse(readFileSync(path.join(workspace, 'package.json'), 'utf8'));
    if (scripts?.build === undefined) continue;
    complete &&= existsSync(path.join(workspace, 'dist'));
    for (const file of sourcesBelow(workspace)) hash.update(`\n${path.relative(root, file)}\n`).update(readFileSync(file));
  }
  const stamp = hash.digest('hex');
  const before = existsSync(stampFile(root)) ? readFileSync(stampFile(root), 'utf8') : undefined;
  return complete && stamp === before ? undefined : stamp;
}

export function markBuilt(root, stamp) {
  writeFileSync(stampFile(root), stamp);
}

export function workspacesOf(root) {
  const { workspaces } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return workspaces
    .flatMap((pattern) => {
      if (!pattern.endsWith('/*')) return [path.join(root, pattern)];
      const parent = path.join(root, pattern.slice(0, -2));
      return readdirSync(parent).map((name) => path.join(parent, name));
    })
    .filter((folder) => existsSync(path.join(folder, 'package.json')))
    .sort();
}

function sourcesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const place = path.join(folder, entry.name);
      if (entry.isDirectory()) return notBuilt.has(entry.name) ? [] : sourcesBelow(place);
      return entry.isFile() && !entry.name.endsWith('.test.ts') ? [place] : [];
    });
}
