// `npm run mutation`: are the engine's specs sharp enough to notice a change of what decides? About half an hour on two
// cores; `npm run mutation -- --mutate src/rules/engine/decide.ts` checks one file. Survivors stand in reports/mutation.
const engine = 'src/rules/engine';
const core = [
  ...['decide', 'effects', 'rule-set', 'candidate', 'candidate-index', 'choose-keys', 'index-key', 'infallible'],
  'set-program',
  ...['compile-expression', 'compile-fused', 'compile-action', 'context-path', 'paths', 'values', 'scope', 'trace'],
  ...['template', 'json-logic', 'field-conditions', 'schema-path', 'reads-permissions', 'operators/*'],
];

export default {
  mutate: core.map((name) => `${engine}/${name}.ts`),
  testRunner: 'jest',
  plugins: ['@stryker-mutator/jest-runner'],
  // Each mutant has one suite, so there is nothing to find related tests among.
  jest: { configFile: 'jest.mutation.config.mjs', enableFindRelatedTests: false },
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  coverageAnalysis: 'perTest',
  // What runs while modules load would need every test again; it is constants and tables.
  ignoreStatic: true,
  disableTypeChecks: true,
  concurrency: 2,
  // Modules of a run are not freed in full.
  maxTestRunnerReuse: 100,
  timeoutMS: 5_000,
  timeoutFactor: 2,
  ignorePatterns: [
    '/.data',
    '/bench',
    '/coverage',
    '/dist*',
    '/docker',
    '/migrations',
    '/test/e2e',
    '/test/integration',
  ],
  reporters: ['clear-text', 'progress-append-only', 'json', 'html'],
  clearTextReporter: { allowColor: false, allowEmojis: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 85, break: 85 },
};
