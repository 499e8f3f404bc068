import { imageTag } from './images.js';

/** What Orgtrail needs around it, as pods of a restricted namespace: PostgreSQL, Kafka, and the simulated AWS. */

export const kafkaPort = 9094;
export const awsPort = 4599;
export const controlPort = 4600;

interface Backend {
  name: string;
  port: number;
  command: string[];
  env?: Record<string, string>;
  memory: string;
  ready: object;
  /** A Secret to mount at /secret. */
  secret?: string;
}

const shell = (...lines: string[]): string[] => ['/bin/sh', '-euc', lines.join('\n')];

/** `repository` and `imagePullPolicy` as in the chart. */
export function backends(repository: string, aws: Record<string, string>): object[] {
  return [
    {
      name: 'postgres',
      port: 5432,
      command: shell(
        'export LD_LIBRARY_PATH=/opt/postgres/lib',
        'if ! test -s /data/postgres/PG_VERSION; then',
        '  /opt/postgres/bin/initdb -D /data/postgres -U orgtrail --encoding=UTF8 --locale=C --auth=scram-sha-256 --pwfile=/secret/password',
        '  echo "host all all all scram-sha-256" >>/data/postgres/pg_hba.conf',
        'fi',
        "exec /opt/postgres/bin/postgres -D /data/postgres -c listen_addresses='*' -c unix_socket_directories=/tmp",
      ),
      memory: '512Mi',
      ready: { tcpSocket: { port: 5432 } },
      secret: 'postgres',
    },
    {
      name: 'kafka',
      port: kafkaPort,
      command: shell(
        "set -- /opt/java/bin/java -Xmx320m -XX:+UseSerialGC -Dorg.slf4j.simpleLogger.defaultLogLevel=warn -cp '/opt/kafka/libs/*'",
        'scram="SCRAM-SHA-512=[name=$(cat /secret/username),password=$(cat /secret/password)]"',
        // Users of SCRAM are kept in the log.
        'test -d /data/log || "$@" kafka.tools.StorageTool format -t T3JndHJhaWxUZXN0S2Fma2 -c /config/server.properties --add-scram "$scram"',
        'exec "$@" kafka.Kafka /config/server.properties',
      ),
      memory: '768Mi',
      ready: { tcpSocket: { port: kafkaPort } },
      secret: 'kafka',
    },
    {
      name: 'aws-simulator',
      port: awsPort,
      command: ['node', 'dist/main.js'],
      env: aws,
      memory: '256Mi',
      ready: { tcpSocket: { port: awsPort } },
    },
  ].flatMap((backend) => objectsOf(backend, repository));
}

function objectsOf({ name, port, command, env = {}, memory, ready, secret }: Backend, repository: string): object[] {
  const labels = { app: name };
  const config = name === 'kafka' ? [{ name: 'config', configMap: { name: 'kafka' } }] : [];
  const mounted = secret === undefined ? [] : [{ name: 'secret', secret: { secretName: secret } }];
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: labels, ports: [{ port }] } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name },
      spec: {
        replicas: 1,
        strategy: { type: 'Recreate' },
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            securityContext: { runAsNonRoot: true, runAsUser: 10001, fsGroup: 10001, seccompProfile: { type: 'RuntimeDefault' } },
            containers: [
              {
                name,
                image: `${repository}/${name}:${imageTag}`,
                imagePullPolicy: 'IfNotPresent',
                command,
                env: Object.entries(env).map(([variable, value]) => ({ name: variable, value })),
                ports: [{ containerPort: port }],
                readinessProbe: { ...ready, periodSeconds: 1 },
                resources: { requests: { cpu: '50m', memory: '128Mi' }, limits: { memory } },
                securityContext: {
                  allowPrivilegeEscalation: false,
                  readOnlyRootFilesystem: true,
                  capabilities: { drop: ['ALL'] },
                },
                volumeMounts: [
                  { name: 'data', mountPath: '/data' },
                  { name: 'tmp', mountPath: '/tmp' },
                  ...config.map(() => ({ name: 'config', mountPath: '/config' })),
                  ...mounted.map(() => ({ name: 'secret', mountPath: '/secret' })),
                ],
              },
            ],
            volumes: [{ name: 'data', emptyDir: {} }, { name: 'tmp', emptyDir: {} }, ...config, ...mounted],
          },
        },
      },
    },
  ];
}
