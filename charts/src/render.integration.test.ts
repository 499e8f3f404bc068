import { expect, it } from '@jest/globals';
import { everything } from './everything.js';
import { describeHelms, find, podOf, podsOf, render, type Container, type KubernetesObject, type Values } from './helm.js';

const services = ['account-mapper', 'discovery', 'graph-writer'];
const kindsAndNames = (objects: KubernetesObject[]) => objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
const environmentOf = (container: Container) => Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
const deployment = (objects: KubernetesObject[], part: string) => find(objects, 'Deployment', `live-orgtrail-${part}`);
const containerOf = (objects: KubernetesObject[], part: string): Container => podOf(deployment(objects, part)).containers[0]!;
const selectorOf = (objects: KubernetesObject[], part: string): unknown =>
  (deployment(objects, part).spec.selector as { matchLabels: unknown }).matchLabels;

describeHelms('$name', (helm) => {
  const variants: [string, Values][] = [
    ['only what is required', {}],
    ['every value', everything],
    ['Kafka without anything else', { kafka: { brokers: ['kafka:9092'] } }],
  ];

  it.each(variants)('gives every pod the restricted security context, with %s', (_name, values) => {
    const pods = podsOf(render(helm, values));
    expect(pods.map(({ name }) => name).sort()).toEqual(
      [...services.map((part) => `Deployment live-orgtrail-${part}`), 'Job live-orgtrail-migrate'].sort(),
    );
    for (const { pod } of pods) {
      expect(pod.securityContext).toEqual({
        runAsNonRoot: true,
        runAsUser: 10001,
        runAsGroup: 10001,
        fsGroup: 10001,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(pod.automountServiceAccountToken).toBe(false);
      for (const forbidden of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers']) expect(pod).not.toHaveProperty(forbidden);
      for (const volume of pod.volumes)
        expect(Object.keys(volume)).toEqual(['name', expect.stringMatching(/^(emptyDir|secret)$/)]);
      for (const container of pod.containers) {
        expect(container.securityContext).toEqual({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          runAsNonRoot: true,
          capabilities: { drop: ['ALL'] },
        });
        for (const port of container.ports ?? []) expect(port).not.toHaveProperty('hostPort');
        expect(container.resources.requests).toEqual({ cpu: expect.anything(), memory: expect.anything() });
        expect(container.resources.limits).toHaveProperty('memory');
        const mounted = container.volumeMounts.map(({ name }) => name).sort();
        expect(pod.volumes.map(({ name }) => name).sort()).toEqual(expect.arrayContaining(mounted));
      }
    }
  });

  it('makes three services with their accounts and a migration, and no more, of what is required', () => {
    expect(kindsAndNames(render(helm))).toEqual(
      [
        ...services.flatMap((part) => [`Deployment live-orgtrail-${part}`, `ServiceAccount live-orgtrail-${part}`]),
        'Job live-orgtrail-migrate',
      ].sort(),
    );
  });

  it('selects exactly its own pods, whatever labels are added', () => {
    const objects = render(helm, everything);
    for (const part of services) {
      const selector = {
        'app.kubernetes.io/name': 'orgtrail',
        'app.kubernetes.io/instance': 'live',
        'app.kubernetes.io/component': part,
      };
      expect(selectorOf(objects, part)).toEqual(selector);
      expect(deployment(objects, part).spec.template?.metadata.labels).toMatchObject(selector);
    }
    expect(deployment(objects, 'discovery').spec.template?.metadata.labels).toMatchObject({ team: 'platform' });
  });

  it('migrates before the services, or leaves it to them', () => {
    const job = find(render(helm), 'Job', 'live-orgtrail-migrate');
    expect(job.metadata.annotations).toEqual({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-delete-policy': 'before-hook-creation,hook-succeeded',
    });
    const { containers, ...pod } = podOf(job);
    // It comes before the service accounts.
    expect(pod).not.toHaveProperty('serviceAccountName');
    expect(containers.map(({ name, image, args }) => [name, image, args])).toEqual([
      ['discovery', 'registry.example.com/orgtrail/discovery:0.1.0', ['dist/migrate.js']],
      ['graph-writer', 'registry.example.com/orgtrail/graph-writer:0.1.0', ['dist/migrate.js']],
    ]);
    expect(kindsAndNames(render(helm, { migrations: { job: false } }))).not.toContain('Job live-orgtrail-migrate');
  });

  it('probes liveness apart from readiness, and starts patiently', () => {
    for (const [startTimeoutSeconds, threshold] of [
      [60, 45],
      [120, 75],
    ]) {
      for (const part of services) {
        const { startupProbe, livenessProbe, readinessProbe, ports } = containerOf(render(helm, { startTimeoutSeconds }), part);
        expect(ports?.[0]?.name).toBe('admin');
        expect(startupProbe).toMatchObject({
          httpGet: { path: '/livez', port: 'admin' },
          periodSeconds: 2,
          failureThreshold: threshold,
        });
        expect(livenessProbe.httpGet).toEqual({ path: '/livez', port: 'admin' });
        expect(readinessProbe.httpGet).toEqual({ path: '/readyz', port: 'admin' });
      }
    }
  });

  it('brings secrets as files, and each service those that it needs', () => {
    const objects = render(helm, everything);
    const secretsOf = (part: string) =>
      podOf(deployment(objects, part))
        .volumes.flatMap(({ secret }) => secret?.secretName ?? [])
        .sort();
    expect(secretsOf('discovery')).toEqual(['api', 'aws-files', 'db', 'integration', 'kafka']);
    expect(secretsOf('graph-writer')).toEqual(['api-of-graph', 'db', 'kafka']);
    expect(secretsOf('account-mapper')).toEqual(['kafka']);
    for (const part of services) {
      expect(environmentOf(containerOf(objects, part))).toMatchObject({
        KAFKA_BROKERS: 'kafka-0.kafka:9093,kafka-1.kafka:9093',
        KAFKA_TLS: 'true',
        KAFKA_TLS_CA_FILE: '/var/run/secrets/orgtrail/kafka/ca.crt',
        KAFKA_TLS_CERT_FILE: '/var/run/secrets/orgtrail/kafka/tls.crt',
        KAFKA_TLS_KEY_FILE: '/var/run/secrets/orgtrail/kafka/tls.key',
        KAFKA_SASL_MECHANISM: 'scram-sha-512',
        KAFKA_SASL_USERNAME_FILE: '/var/run/secrets/orgtrail/kafka/username',
        KAFKA_SASL_PASSWORD_FILE: '/var/run/secrets/orgtrail/kafka/password',
      });
    }
    expect(environmentOf(containerOf(objects, 'account-mapper'))).not.toHaveProperty('DATABASE_URL_FILE');
    // Without Kafka the bus is in the database.
    expect(environmentOf(containerOf(render(helm), 'account-mapper'))).toHaveProperty('DATABASE_URL_FILE');
  });

  it('gives AWS to discovery alone', () => {
    const objects = render(helm, everything);
    const names = (part: string) => containerOf(objects, part).env.map(({ name }) => name);
    expect(names('discovery')).toEqual(expect.arrayContaining(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']));
    for (const part of ['account-mapper', 'graph-writer'])
      expect(names(part).filter((name) => /^(AWS|ORGTRAIL)_/.test(name))).toEqual([]);
    expect(find(objects, 'ServiceAccount', 'live-orgtrail-discovery').metadata.annotations).toEqual(
      everything.discovery.serviceAccount.annotations,
    );
    expect(find(objects, 'ServiceAccount', 'live-orgtrail-graph-writer').metadata.annotations).toBeUndefined();
  });

  it('says the integration of the values, or that there is none', () => {
    expect(environmentOf(containerOf(render(helm, everything), 'discovery'))).toMatchObject({
      ORGTRAIL_NAME: 'Production',
      ORGTRAIL_ROLE_ARN: 'arn:aws:iam::111122223333:role/security/orgtrail',
      ORGTRAIL_EXTERNAL_ID_FILE: '/var/run/secrets/orgtrail/integration/external-id',
      ORGTRAIL_QUEUE_URL: 'https://sqs.us-east-1.amazonaws.com/111122223333/orgtrail-events',
      ORGTRAIL_FORWARDING_ACCOUNT_IDS: '222233334444',
      CONFIGURE_ORGANIZATION_ACCOUNTS: 'false',
      // Not 2.592e+06, as a number of a values file becomes.
      FULL_SYNC_INTERVAL_SECONDS: '2592000',
      MEMBERS_PER_SECOND: '10',
    });
    expect(environmentOf(containerOf(render(helm), 'discovery'))).toMatchObject({ ORGTRAIL_INTEGRATION: 'none' });
  });

  it('serves the API beyond its pod only with tokens', () => {
    for (const part of ['discovery', 'graph-writer'])
      expect(environmentOf(containerOf(render(helm), part))).not.toHaveProperty('API_HOST');
    const objects = render(helm, everything);
    expect(environmentOf(containerOf(objects, 'discovery'))).toMatchObject({
      API_HOST: '0.0.0.0',
      API_TOKENS_FILE: '/var/run/secrets/orgtrail/api/tokens',
    });
    const service = find(objects, 'Service', 'live-orgtrail-discovery');
    expect(service.spec).toHaveProperty('publishNotReadyAddresses', true);
    expect(service.spec.ports).toEqual([{ name: 'api', port: 8085, targetPort: 'api', appProtocol: 'http' }]);
    expect(containerOf(objects, 'discovery').ports).toContainEqual({ name: 'api', containerPort: 8085 });
    expect(service.spec.selector).toEqual(selectorOf(objects, 'discovery'));
    expect(environmentOf(containerOf(objects, 'graph-writer'))).toMatchObject({ API_HOST: '0.0.0.0' });
    expect(find(objects, 'Service', 'live-orgtrail-graph-writer').spec).toMatchObject({
      ports: [{ name: 'api', port: 8087, targetPort: 'api', appProtocol: 'http' }],
      selector: selectorOf(objects, 'graph-writer'),
    });
  });

  it('sends posts only to pods that are ready, and lets a pod answer until nobody sends it any', () => {
    const objects = render(helm, { ...everything, terminationGracePeriodSeconds: 40 });
    expect(find(objects, 'Service', 'live-orgtrail-webhook').spec).not.toHaveProperty('publishNotReadyAddresses');
    expect(containerOf(objects, 'discovery').lifecycle).toEqual({
      preStop: { exec: { command: ['node', '-e', 'setTimeout(() => {}, 5000)'] } },
    });
    expect(podOf(deployment(objects, 'discovery')).terminationGracePeriodSeconds).toBe(45);
    for (const [values, part] of [
      [everything, 'graph-writer'],
      [{}, 'discovery'],
    ] as const) {
      const pod = podOf(deployment(render(helm, { ...values, terminationGracePeriodSeconds: 40 }), part));
      expect(pod.containers[0]).not.toHaveProperty('lifecycle');
      expect(pod.terminationGracePeriodSeconds).toBe(40);
    }
  });

  it('takes posted events where that is switched on, by a Service that leads to nothing else', () => {
    const plain = render(helm);
    expect(environmentOf(containerOf(plain, 'discovery'))).not.toHaveProperty('WEBHOOK_PORT');
    expect(plain.filter(({ kind }) => kind === 'Service')).toEqual([]);
    const objects = render(helm, everything);
    expect(environmentOf(containerOf(objects, 'discovery'))).toMatchObject({ WEBHOOK_PORT: '8086' });
    expect(containerOf(objects, 'discovery').ports).toContainEqual({ name: 'webhook', containerPort: 8086 });
    const service = find(objects, 'Service', 'live-orgtrail-webhook');
    expect(service.spec.ports).toEqual([{ name: 'webhook', port: 8086, targetPort: 'webhook', appProtocol: 'http' }]);
    expect(service.spec.selector).toEqual(selectorOf(objects, 'discovery'));
  });

  it('prefers a digest to the tag', () => {
    const objects = render(helm, everything);
    expect(containerOf(objects, 'discovery').image).toBe(`registry.example.com/orgtrail/discovery@sha256:${'a'.repeat(64)}`);
    expect(containerOf(objects, 'graph-writer').image).toBe('registry.example.com/orgtrail/graph-writer:1.2.3');
  });

  it('uses a service account of yours', () => {
    const objects = render(helm, { graphWriter: { serviceAccount: { create: false, name: 'mine' } } });
    expect(podOf(deployment(objects, 'graph-writer')).serviceAccountName).toBe('mine');
    expect(kindsAndNames(objects)).not.toContain('ServiceAccount live-orgtrail-graph-writer');
  });
});
