/**
 * `npm run mutation`: changes the mapper's pure core in small ways, one after the other, and runs its unit tests on each. A change that no test
 * notices survives; below the threshold it ends with 1. Not part of `npm test`.
 */
export default {
  mutate: ['services/account-mapper/src/normalize/*.ts', '!**/*.test.ts', '!**/*.fixture.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: { configFile: 'scripts/mutation/jest.config.js', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  plugins: ['@stryker-mutator/jest-runner'],
  // Only these are copied; what they import comes from the work tree, through its node_modules.
  ignorePatterns: [
    '**',
    '!services/account-mapper/**',
    '!scripts/mutation/**',
    '!jest.config.js',
    '!package.json',
    '!tsconfig*.json',
  ],
  tempDirName: '.cache/mutation',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'progress'],
  clearTextReporter: { logTests: false, reportTests: false },
  concurrency: 1,
  disableTypeChecks: true,
  thresholds: { high: 90, low: 80, break: 80 },
};
