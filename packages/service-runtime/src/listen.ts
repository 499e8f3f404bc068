import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { ListenError } from './errors.js';

/**
 * Starts to listen and resolves with the port (the one taken for port 0). Rejects with a `ListenError` of one sentence that names
 * the address and the variable to change.
 */
export async function listen(
  server: Server,
  { host, port, variable }: { host: string; port: number; variable: string },
): Promise<number> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        resolve();
      });
    });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const address = `${host}:${port}`;
    const sentence =
      code === 'EADDRINUSE'
        ? `${address} is already in use: stop the program that holds it, or set ${variable} to another port`
        : code === 'EACCES'
          ? `${address} may not be used by this user: set ${variable} to a port above 1023`
          : `Cannot listen on ${address} (${variable}): ${message}`;
    throw new ListenError(sentence, { cause });
  }
  return (server.address() as AddressInfo).port;
}
