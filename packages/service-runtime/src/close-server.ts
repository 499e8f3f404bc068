import type { Server } from 'node:http';

/** Stops listening and resolves when all answers on their way are out; a client that never reads its answer is cut off after a second. */
export async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 1_000);
  await closed;
  clearTimeout(force);
}
