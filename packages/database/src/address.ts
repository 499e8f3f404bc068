import type pg from 'pg';

/** `host:port` of a connection string or a pool, for messages: never the user, never the password. */
export function databaseAddress(target: string | pg.Pool): string {
  if (typeof target !== 'string') {
    const { connectionString, host, port } = target.options;
    if (connectionString !== undefined) return databaseAddress(connectionString);
    return `${host ?? process.env['PGHOST'] ?? 'localhost'}:${port ?? process.env['PGPORT'] ?? 5432}`;
  }
  if (!URL.canParse(target)) return 'an address that cannot be read';
  const url = new URL(target);
  const host = url.hostname === '' ? (url.searchParams.get('host') ?? 'localhost') : url.hostname;
  const port = url.port === '' ? (url.searchParams.get('port') ?? '5432') : url.port;
  return `${decodeURIComponent(host)}:${port}`;
}
