// The suite that Stryker runs for every mutant (stryker.config.mjs): pure, so without a database or queue.
import config from './jest.config.mjs';

const { globalSetup: _setup, globalTeardown: _teardown, maxWorkers: _workers, ...pure } = config;

export default {
  ...pure,
  roots: ['<rootDir>/src/kernel', '<rootDir>/src/rules/engine', '<rootDir>/test/mutation', '<rootDir>/test/support'],
  testRegex: '\\.mutation-spec\\.ts$',
  watchman: false,
  testTimeout: 20_000,
};
