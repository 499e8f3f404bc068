import { dataDirectoryAt, readConnection } from './data-directory.js';

/** The AWS of a running `orgtrail up --demo`, for a command with `--demo`; nothing for every other, which uses the credentials at hand. */
export function simulatedAws({ demo, dataDirectory }: { demo?: boolean; dataDirectory?: string }): {
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
} {
  if (demo !== true) return {};
  const connection = readConnection(dataDirectoryAt(dataDirectory ?? '.orgtrail/demo'));
  if (connection?.awsEndpoint === undefined || connection.awsCredentials === undefined) return {};
  return { endpoint: connection.awsEndpoint, credentials: connection.awsCredentials };
}
