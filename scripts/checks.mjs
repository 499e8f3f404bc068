/** What `npm test` checks beside Jest: each passes or fails as one. The first failure of a group ends that group only. */
const bin = (name) => `node_modules/.bin/${name}`;

export const groups = [
  { heading: 'type-check', checks: [{ name: 'tsc', command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.json'] }] },
  {
    heading: 'lint',
    checks: [
      { name: 'eslint', command: [bin('eslint'), '.', '--max-warnings=0'] },
      { name: 'prettier', command: [bin('prettier'), '--check', '.', '--log-level=warn'] },
      { name: 'buf lint', command: [bin('buf'), 'lint', 'proto'] },
      { name: 'buf breaking', command: [bin('buf'), 'breaking', 'proto', '--against', 'proto/baseline.binpb'] },
    ],
  },
  {
    heading: 'rules',
    checks: [
      {
        name: 'dependency-cruiser',
        command: [
          bin('depcruise'),
          '--config',
          '.dependency-cruiser.cjs',
          'proto',
          'packages',
          'services',
          'cli',
          'acceptance',
          'charts',
        ],
      },
      { name: 'knip', command: [bin('knip'), '--no-config-hints'] },
      { name: 'docs/dependencies.md', command: ['scripts/check-dependencies.mjs'] },
    ],
  },
];
