import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** One CA, and what it signed: PEM. */
export interface TestCertificates {
  ca: string;
  server: { certificate: string; key: string };
  client: { certificate: string; key: string };
}

/** Whom the secure listeners of a test broker let in. */
export interface KafkaSecurity {
  certificates: TestCertificates;
  username: string;
  password: string;
  /** Beside the plain one: TLS with PLAIN or SCRAM-SHA-512, and TLS with a client certificate. */
  ports: { sasl: number; mutual: number };
}

/** Made by the `openssl` command, for a day, for servers of these names. */
export async function createTestCertificates(
  directory: string,
  names: readonly string[] = ['IP:127.0.0.1', 'DNS:localhost'],
): Promise<TestCertificates> {
  await mkdir(directory, { recursive: true });
  const openssl = (...args: string[]) => run('openssl', args, { cwd: directory });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1'];
  await openssl('req', '-x509', ...newKey, '-keyout', 'ca.key', '-out', 'ca.crt', '-subj', '/CN=Orgtrail test CA');
  await writeFile(join(directory, 'names'), `subjectAltName=${names.join(',')}`);
  const signed = async (name: string): Promise<{ certificate: string; key: string }> => {
    await openssl('req', '-new', ...newKey.slice(0, 5), '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', `/CN=${name}`);
    const by = ['-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '1', '-extfile', 'names'];
    await openssl('x509', '-req', '-in', `${name}.csr`, ...by, '-out', `${name}.crt`);
    return { certificate: await read(`${name}.crt`), key: await read(`${name}.key`) };
  };
  const read = (file: string) => readFile(join(directory, file), 'utf8');
  return { ca: await read('ca.crt'), server: await signed('server'), client: await signed('client') };
}

/** What the secure listeners add to a broker's properties. What stands last counts, so it goes behind the plain ones. */
export function securityProperties(
  security: KafkaSecurity,
  {
    port,
    controllerPort,
    host = '127.0.0.1',
    advertisedHost = host,
  }: { port: number; controllerPort: number; host?: string; advertisedHost?: string },
): string {
  const { certificates, username, password, ports } = security;
  const oneLine = (pem: string): string => pem.trim().replaceAll('\n', '\\n');
  const clients = (at: string): string =>
    [`PLAINTEXT://${at}:${port}`, `SASL_SSL://${at}:${ports.sasl}`, `SSL://${at}:${ports.mutual}`].join(',');
  const login = 'org.apache.kafka.common.security';
  return `
listeners=${clients(host)},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=${clients(advertisedHost)}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SSL:SSL
ssl.keystore.type=PEM
ssl.keystore.key=${oneLine(certificates.server.key)}
ssl.keystore.certificate.chain=${oneLine(certificates.server.certificate)}
ssl.truststore.type=PEM
ssl.truststore.certificates=${oneLine(certificates.ca)}
listener.name.ssl.ssl.client.auth=required
sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${username}="${password}";
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=${login}.scram.ScramLoginModule required;
`.trimStart();
}
