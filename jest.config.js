/**
 * Two projects: `unit` needs nothing; `integration` (*.integration.test.ts) runs on a real PostgreSQL and a real Kafka
 * broker that its global set-up starts once. Workspace packages resolve to their TypeScript sources.
 */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2023', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testEnvironmentOptions: { customExportConditions: ['@orgtrail/source', 'node'] },
  testPathIgnorePatterns: ['/node_modules/', '/dist/'],
  modulePathIgnorePatterns: ['/dist/'],
};
const roots = ['proto', 'packages', 'services', 'cli', 'acceptance', 'charts', 'scripts'].map((folder) => `<rootDir>/${folder}`);

export default {
  maxWorkers: 2,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      roots,
      testMatch: ['**/*.test.ts'],
      testPathIgnorePatterns: [...shared.testPathIgnorePatterns, '\\.integration\\.test\\.ts$'],
    },
    {
      ...shared,
      displayName: 'integration',
      roots,
      testMatch: ['**/*.integration.test.ts'],
      globalSetup: '<rootDir>/scripts/jest/global-setup.js',
      globalTeardown: '<rootDir>/scripts/jest/global-teardown.js',
    },
  ],
};
