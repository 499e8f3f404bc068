/** Are the dependencies installed as package-lock.json wants them? */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const stampFile = (root) => path.join(root, 'node_modules', '.orgtrail-stamp');

// The platform belongs to it: a clone shared with a container holds the binaries of one of the two.
const stampOf = (root) =>
  createHash('sha256')
    .update(`${process.platform} ${process.arch}\n`)
    .update(readFileSync(path.join(root, 'package-lock.json')))
    .digest('hex');

export function markInstalled(root) {
  const stamp = stampOf(root);
  if (readText(stampFile(root)) !== stamp) writeFileSync(stampFile(root), stamp);
}

export function installedAsLocked(root) {
  return readText(stampFile(root)) === stampOf(root) || npmInstalledThis(root);
}

/** A developer's own `npm install` brings both in line without us: npm's own record of node_modules says so. */
function npmInstalledThis(root) {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  const found = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (wanted === undefined || found === undefined) return false;
  return Object.entries(wanted).every(([place, entry]) => {
    if (!place.startsWith('node_modules/') && !place.includes('/node_modules/')) return true;
    const there = found[place];
    return there === undefined ? entry.optional === true : there.version === entry.version && there.integrity === entry.integrity;
  });
}

function packagesOf(file) {
  const text = readText(file);
  return text === undefined ? undefined : JSON.parse(text).packages;
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
