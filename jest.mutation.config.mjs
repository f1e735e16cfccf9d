// The suite that Stryker runs for every mutant (stryker.config.mjs): pure, so without a database or queue.
import config from './jest.config.mjs';

export default {
  ...config,
  globalSetup: undefined,
  globalTeardown: undefined,
  roots: ['<rootDir>/src/kernel', '<rootDir>/src/rules/engine', '<rootDir>/test/mutation', '<rootDir>/test/support'],
  testRegex: '\\.mutation-spec\\.ts$',
  watchman: false,
  noStackTrace: true,
  testTimeout: 20_000,
};
