import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { exitCodes } from '@orgtrail/service-runtime';
import { CommandError } from '../exit-error.js';

export interface FileToWrite {
  /** Below the directory, with `/`. */
  name: string;
  content: string;
  executable?: boolean | undefined;
}

/**
 * Writes files. Where some hold something else already, those are named and nothing is written, unless they are to be overwritten; a name that
 * leads out of the directory is always refused: names come from the API.
 */
export function writeFiles(directory: string, files: readonly FileToWrite[], { force }: { force: boolean }): void {
  const planned = files.map((file) => ({ ...file, path: pathBelow(directory, file.name) }));
  const different = planned.filter(({ path, content }) => {
    const there = contentOf(path);
    return there !== undefined && there !== content;
  });
  if (different.length > 0 && !force) {
    throw new CommandError(
      `Nothing was written, since there are other files already:\n${different.map(({ path }) => `  ${path}`).join('\n')}\nGive another directory, or --force to overwrite them.`,
      exitCodes.failure,
    );
  }
  for (const { path, content, executable } of planned) {
    try {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      // Also where there was a file that could not be run.
      if (executable === true) chmodSync(path, 0o755);
    } catch (cause) {
      throw new CommandError(`${path} cannot be written: ${(cause as Error).message}`, exitCodes.failure, cause);
    }
  }
}

function pathBelow(directory: string, name: string): string {
  const inside = normalize(name);
  if (inside === '.' || inside === '..' || inside.startsWith(`..${sep}`) || inside.startsWith(sep) || name.includes('\0')) {
    throw new CommandError(`The API names a file outside of the directory: ${JSON.stringify(name)}.`, exitCodes.failure);
  }
  return join(directory, inside);
}

function contentOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new CommandError(`${path} cannot be read: ${(cause as Error).message}`, exitCodes.failure, cause);
  }
}
