/**
 * `npm run acceptance [-- name…]`: runs the named scenarios, or all. A scenario is a module of this folder that exports `run`. One
 * line per point on standard output and nothing else; the exit code is 1 on any FAIL, 2 for a name that is none.
 */
import { Console } from 'node:console';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { runScenarios, type Scenario } from './run-scenarios.js';

const machinery = new Set(['main', 'report', 'run-scenarios']);

// What the parts under test print on the console is talk.
globalThis.console = new Console(process.stderr);
const talk = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function findScenarios(): Promise<string[]> {
  const files = await readdir(import.meta.dirname);
  const names = files.filter((file) => /^[a-z0-9-]+\.js$/.test(file)).map((file) => path.basename(file, '.js'));
  return names.filter((name) => !machinery.has(name)).sort();
}

async function load(name: string): Promise<Scenario[]> {
  const { run } = (await import(`./${name}.js`)) as Partial<Scenario>;
  // A file without `run` is shared by scenarios.
  return run === undefined ? [] : [{ name, run }];
}

const scenarios = (await Promise.all((await findScenarios()).map(load))).flat();
const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !scenarios.some((scenario) => scenario.name === name));
if (unknown.length > 0) {
  talk(`There is no scenario ${unknown.join(', ')}. There are: ${scenarios.map(({ name }) => name).join(', ') || 'none yet'}`);
  process.exit(2);
}
const chosen = asked.length === 0 ? scenarios : scenarios.filter(({ name }) => asked.includes(name));
process.exit((await runScenarios(chosen, print, talk)) ? 0 : 1);
