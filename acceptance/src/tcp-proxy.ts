import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A door to a server that can be shut: connections are cut and new ones refused until it is opened again. */
export interface TcpProxy {
  port: number;
  shut(): void;
  open(): void;
  /** Nobody listens any more: connections are refused by the system, until `comeBack`. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
  close(): Promise<void>;
}

/** `onSent` hears what clients send, as it comes. */
export async function startTcpProxy(
  target: { host: string; port: number },
  { onSent }: { onSent?: (chunk: Buffer) => void } = {},
): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let isShut = false;
  const server = createServer((client) => {
    if (isShut) {
      client.destroy();
      return;
    }
    const upstream = connect(target);
    if (onSent !== undefined) client.on('data', onSent);
    for (const [socket, other] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const { port } = server.address() as AddressInfo;
  return {
    port,
    goAway: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
    comeBack: () => new Promise((resolve) => server.listen(port, '127.0.0.1', resolve)),
    shut: () => {
      isShut = true;
      cut();
    },
    open: () => {
      isShut = false;
    },
    close: () => {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
