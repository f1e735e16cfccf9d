import { parseArgs } from 'node:util';
import { BUGS, type Bug, isBug } from './bugs.js';
import { type Figures, simulate, type Simulated } from './simulate.js';

const PROGRESS_MS = 5_000;
const TRACE_LINES = 60;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

interface Options {
  readonly seeds: number;
  readonly first: number;
  readonly bug: Bug | undefined;
  readonly isTraced: boolean;
}

/** Reads what was asked for. @throws Error naming what is wrong */
function optionsOf(given: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...given],
    options: {
      seeds: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '1' },
      bug: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  const { bug } = values;
  if (bug !== undefined && !isBug(bug))
    throw new Error(`There is no bug "${bug}"; plant ${Object.keys(BUGS).join(', ')}.`);
  return { seeds: wholeNumber(values.seeds), first: wholeNumber(values.seed), bug, isTraced: values.trace };
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`"${text}" is no whole number above 0.`);
}

/** Simulates seed after seed until one fails. @returns the exit code: 0 when all went well, 1 when one did not */
export async function run(given: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = optionsOf(given);
  } catch (error) {
    say((error as Error).message);
    return 2;
  }
  const start = performance.now();
  let told = start;
  const sums = new Map<keyof Figures, number>();
  for (let seed = options.first; seed < options.first + options.seeds; seed++) {
    const simulated = await simulate(seed, { bug: options.bug, ...(options.isTraced && { trace: say }) });
    for (const [name, value] of Object.entries(simulated.figures) as [keyof Figures, number][]) {
      sums.set(name, (sums.get(name) ?? 0) + value);
    }
    if (simulated.violations.length > 0) return reportFailure(simulated, options);
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    process.stderr.write(`${seed - options.first + 1} of ${options.seeds} seeds\n`);
  }
  reportSums(sums, options.seeds, performance.now() - start);
  return 0;
}

/** Simulates the failing seed again, this time with a trace of what happened. */
async function reportFailure({ seed, programs, violations }: Simulated, { first, bug }: Options): Promise<number> {
  const trace: string[] = [];
  const again = await simulate(seed, { bug, trace: (line) => trace.push(line) });
  for (const { definition } of programs) say(JSON.stringify(definition));
  if (trace.length > TRACE_LINES) say(`… ${trace.length - TRACE_LINES} lines before, shown by --trace`);
  for (const line of trace.slice(-TRACE_LINES)) say(line);
  say(`\nSeed ${seed} is wrong, after ${seed - first} that were right:`);
  for (const violation of violations) say(`  ${violation}`);
  const isSame = JSON.stringify(again.violations) === JSON.stringify(violations);
  say(isSame ? 'A second run of the seed came to the same.' : 'A SECOND RUN OF THE SEED CAME TO SOMETHING ELSE.');
  say(`npm run simulate -- --seeds 1 --seed ${seed}${bug ? ` --bug ${bug}` : ''} --trace`);
  return 1;
}

function reportSums(sums: ReadonlyMap<keyof Figures, number>, seeds: number, milliseconds: number): void {
  for (const [name, sum] of sums) say(`${name.padEnd(12)} ${Math.round(sum)}`);
  say(`${seeds} seeds, nothing wrong, in ${(milliseconds / 1000).toFixed(1)} s`);
}
