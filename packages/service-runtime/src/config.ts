import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { ConfigError } from './errors.js';
import { isSecretKey, scrubText } from './scrub.js';

/** Marks a variable's schema as secret: its value appears in no error and in no printed configuration. */
export function secret<Schema extends z.ZodType>(schema: Schema): Schema {
  return schema.meta({ ...schema.meta(), secret: true });
}

/**
 * Reads the configuration from environment variables. The schema's keys are the variables' names. `X_FILE` gives the path of a
 * file that holds the value of `X` (as a mounted secret does); an empty variable counts as unset.
 *
 * Throws one `ConfigError` (exit code 78) that lists all problems, with the variables' names and without secret values.
 */
export function loadConfig<Schema extends z.ZodObject>(schema: Schema, env: NodeJS.ProcessEnv = process.env): z.output<Schema> {
  const problems: string[] = [];
  const values: Record<string, string> = {};
  const unreadable = new Set<string>();
  for (const name of Object.keys(schema.shape)) {
    const fileName = `${name}_FILE`;
    const [direct, file] = [env[name], env[fileName]].map((value) => (value === '' ? undefined : value));
    if (direct !== undefined && file !== undefined) {
      problems.push(`${name} and ${fileName} are both set: keep one`);
      unreadable.add(name);
    } else if (direct !== undefined) {
      values[name] = direct;
    } else if (file !== undefined) {
      try {
        // Editors and `echo` end a file with a line break that is no part of the secret.
        values[name] = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
      } catch (error) {
        problems.push(`${fileName}: cannot read ${file} (${(error as NodeJS.ErrnoException).code ?? 'error'})`);
        unreadable.add(name);
      }
    }
  }
  const parsed = schema.safeParse(values);
  for (const issue of parsed.success ? [] : parsed.error.issues) {
    const name = String(issue.path[0] ?? '');
    if (unreadable.has(name)) continue;
    const missing = name !== '' && values[name] === undefined;
    const what = missing ? 'is required' : hideSecrets(schema, values, issue.message);
    problems.push(name === '' ? what : `${name}: ${what}${missing ? descriptionOf(schema, name) : ''}`);
  }
  if (problems.length > 0 || !parsed.success) throw new ConfigError(problems);
  return parsed.data;
}

/** The configuration for printing: secrets as `[redacted]`, of a database's address only the password. */
export function redactConfig(schema: z.ZodObject, config: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config).map(([name, value]) => {
      const hidden = isMarkedSecret(schema.shape[name]) || (isSecretKey(name) && !name.endsWith('_URL'));
      if (hidden && value !== undefined) return [name, '[redacted]'];
      return [name, typeof value === 'string' ? scrubText(value) : value];
    }),
  );
}

function isSecret(schema: z.ZodObject, name: string): boolean {
  return isSecretKey(name) || isMarkedSecret(schema.shape[name]);
}

interface DescribedSchema {
  meta(): Record<string, unknown> | undefined;
  def: { innerType?: DescribedSchema };
}

/** Looks below `.optional()`, `.default()` and the like, too. */
function isMarkedSecret(field: unknown): boolean {
  for (let schema = field as DescribedSchema | undefined; schema !== undefined; schema = schema.def.innerType) {
    if (schema.meta()?.['secret'] === true) return true;
  }
  return false;
}

function hideSecrets(schema: z.ZodObject, values: Record<string, string>, message: string): string {
  let hidden = message;
  for (const [name, value] of Object.entries(values)) if (isSecret(schema, name)) hidden = hidden.replaceAll(value, '[redacted]');
  return scrubText(hidden);
}

function descriptionOf(schema: z.ZodObject, name: string): string {
  const { description } = schema.shape[name] as z.ZodType;
  return description === undefined ? '' : ` (${description})`;
}
