import { parseArgs } from 'node:util';
import { runCanonicalConformance } from './engine/canonical-conformance.js';
import { runConformance } from './engine/conformance.js';
import { summarize } from './engine/conformance-summary.js';

const USAGE = `npm run conformance -- --suites FOLDER     run the public suites in FOLDER/jsonlogic and FOLDER/rfc8785
                                           exit code 1 when a case does not pass`;

/** @throws Error with the usage when no folder is given, or with what is missing in it. */
function run(): boolean {
  const { suites } = parseArgs({ options: { suites: { type: 'string' } } }).values;
  if (suites === undefined) throw new Error(USAGE);
  const { lines, isPassed } = summarize(runConformance(suites), runCanonicalConformance(suites));
  process.stdout.write(`${lines.join('\n')}\n`);
  return isPassed;
}

try {
  process.exitCode = run() ? 0 : 1;
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
