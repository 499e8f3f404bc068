interface Client {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
}

export interface RenewingClient<C extends Client> {
  use<T>(work: (client: C) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A client that is connected at its first use, and replaced by a new one after an error for which `replaceAfter` says so. */
export function createRenewingClient<C extends Client>(
  create: () => C,
  replaceAfter: (error: unknown) => boolean,
): RenewingClient<C> {
  let current: { client: C; connected: Promise<void> } | undefined;

  const open = (): { client: C; connected: Promise<void> } => {
    const client = create();
    return { client, connected: client.connect() };
  };
  return {
    use: async (work) => {
      const mine = (current ??= open());
      try {
        await mine.connected;
        return await work(mine.client);
      } catch (error) {
        if (replaceAfter(error)) {
          if (current === mine) current = undefined;
          mine.client.disconnect().catch(() => undefined); // it is being thrown away
        }
        throw error;
      }
    },
    close: async () => {
      const last = current;
      current = undefined;
      await last?.client.disconnect();
    },
  };
}
