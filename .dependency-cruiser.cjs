/** The rules of the house (ARCHITECTURE.md, "Rooms"). */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A cycle means two modules are one.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-service-to-service',
      comment: 'Services speak through the bus and the database only.',
      severity: 'error',
      from: { path: '^services/([^/]+)/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'packages-know-no-service',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^(services|cli)/' },
    },
    {
      name: 'aws-sdk-only-in-packages-aws',
      comment:
        'Limits, error classes and partitions are applied in one place. The simulator and tests may use the SDK to act as a customer.',
      severity: 'error',
      from: { pathNot: '^(packages/aws/|packages/aws-simulator/|packages/testkit/|acceptance/)|\\.test\\.ts$' },
      to: { path: 'node_modules/(@aws-sdk|@smithy)/' },
    },
    {
      name: 'kafka-client-only-in-messaging',
      severity: 'error',
      from: { pathNot: '^packages/(messaging|testkit)/|^bench/src/writer/bare-loop\\.ts$|\\.test\\.ts$' },
      to: { path: 'node_modules/kafkajs' },
    },
    {
      name: 'kubernetes-client-only-where-it-is-needed',
      severity: 'error',
      from: { pathNot: '^(services/discovery/src/kubernetes/|packages/leader-election/)' },
      to: { path: 'node_modules/@kubernetes/' },
    },
    {
      name: 'the-mapper-is-pure',
      comment:
        'An observation alone says what becomes of it: no clock, no chance, no file, no network. Time and versions come with it.',
      severity: 'error',
      from: { path: '^services/account-mapper/src/normalize/', pathNot: '\\.(test|fixture)\\.ts$' },
      to: { pathNot: '^services/account-mapper/src/normalize/|^packages/graph-model/|^proto/|node_modules/@bufbuild/protobuf/' },
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-test-kit-in-production',
      severity: 'error',
      from: { pathNot: '\\.test\\.ts$|^packages/testkit/|^acceptance/|^bench/' },
      to: { path: '^packages/testkit/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|gen|fixtures)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['@orgtrail/source', 'import', 'node', 'default'] },
  },
};
