import { spawn } from 'node:child_process';

export interface CommandOptions {
  env?: Record<string, string | undefined>;
  input?: string;
  /** Lines of both outputs, as they come. */
  onLine?: (line: string) => void;
}

/** Runs a command to its end; resolves to its standard output. A failure is an error with the command and the last of what it said. */
export async function runCommand(command: readonly [string, ...string[]], options: CommandOptions = {}): Promise<string> {
  const [program, ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...options.env }, stdio: ['pipe', 'pipe', 'pipe'] });
  let stdout = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-4000);
      for (const line of text.split('\n')) if (line.trim() !== '') options.onLine?.(line.trim());
    });
  }
  // A command that ends without reading its input is no failure of ours.
  child.stdin.on('error', () => undefined);
  child.stdin.end(options.input ?? '');
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0) return stdout;
  throw new Error(`${program} ${args.join(' ')} ended with ${code ?? 'a signal'}:\n${said}`);
}
