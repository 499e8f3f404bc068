/** docs/dependencies.md has one line for each dependency and no other, and every version is exact. Prints what is wrong. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './bootstrap.mjs';
import { workspacesOf } from './build-stamp.mjs';

const used = new Set();
const problems = [];
for (const folder of [root, ...workspacesOf(root)]) {
  const { name, dependencies, devDependencies } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
  for (const [dependency, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) problems.push(`${name}: ${dependency} ${version} is no exact version`);
    if (!dependency.startsWith('@orgtrail/')) used.add(dependency);
  }
}
const text = readFileSync(path.join(root, 'docs', 'dependencies.md'), 'utf8');
const explained = [...text.matchAll(/^\| `([^`]+)` \| \S/gm)].map((match) => match[1]);
for (const name of used) if (!explained.includes(name)) problems.push(`docs/dependencies.md does not say why ${name} is needed`);
for (const name of explained)
  if (!used.has(name)) problems.push(`docs/dependencies.md explains ${name}, which no workspace depends on`);
for (const problem of problems) process.stdout.write(`${problem}\n`);
process.exit(problems.length > 0 ? 1 : 0);
