import config from '../../jest.config.js';

const [unit] = config.projects;
const rootDir = new URL('../../', import.meta.url).pathname;

/** The tables of the mapper: what becomes of each is written out. Properties that are tried with random values would kill by chance, and slowly. */
export default {
  ...unit,
  rootDir,
  displayName: undefined,
  roots: [`${rootDir}services/account-mapper/src/normalize`],
  testPathIgnorePatterns: [...unit.testPathIgnorePatterns, '/(conformance|vocabulary)\\.test\\.ts$'],
};
