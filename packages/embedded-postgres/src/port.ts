import { createServer, type AddressInfo } from 'node:net';
import { EmbeddedPostgresError } from './errors.js';

/** The port itself if it is free on 127.0.0.1, a free one for 0. */
export async function choosePort(asked: number): Promise<number> {
  const server = createServer();
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(asked, '127.0.0.1', resolve);
    });
    return (server.address() as AddressInfo).port;
  } catch (cause) {
    throw portTaken(asked, cause);
  } finally {
    server.close();
  }
}

export function portTaken(port: number, cause?: unknown): EmbeddedPostgresError {
  const why =
    (cause as NodeJS.ErrnoException | undefined)?.code === 'EACCES'
      ? 'may not be used by this user'
      : 'is taken by another program';
  return new EmbeddedPostgresError('PORT_TAKEN', `Port ${port} on 127.0.0.1, meant for PostgreSQL, ${why}: choose another port`, {
    cause,
  });
}
