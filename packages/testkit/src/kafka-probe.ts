import { connect, createServer } from 'node:net';

const METADATA_API_KEY = 3;
const METADATA_API_VERSION = 5;
const CORRELATION_ID = 1;

/** How many brokers the broker at `port` lists in a Metadata answer; 0 when nothing usable answers within two seconds. */
export async function countBrokers(port: number, host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let received = Buffer.alloc(0);
    const finish = (brokers: number): void => {
      socket.destroy();
      resolve(brokers);
    };
    socket.setTimeout(2000, () => finish(0));
    socket.on('error', () => finish(0));
    socket.on('close', () => finish(0));
    socket.on('connect', () => socket.write(metadataRequest('probe')));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      // length (4), correlation id (4), throttle time (4), number of brokers (4)
      if (received.length >= 16) finish(received.readInt32BE(12));
    });
  });
}

/** A Metadata request for no topic. Written by hand so that waiting for a broker needs no client and leaves no connection behind. */
function metadataRequest(clientId: string): Buffer {
  const request = Buffer.alloc(4 + 2 + 2 + 4 + 2 + clientId.length + 4 + 1);
  let at = request.writeInt32BE(request.length - 4, 0);
  at = request.writeInt16BE(METADATA_API_KEY, at);
  at = request.writeInt16BE(METADATA_API_VERSION, at);
  at = request.writeInt32BE(CORRELATION_ID, at);
  at = request.writeInt16BE(clientId.length, at);
  request.write(clientId, at);
  return request;
}

/** `count` different ports of 127.0.0.1 that were free a moment ago. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(0, '127.0.0.1', resolve);
      });
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
