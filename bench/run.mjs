// Measures the product beside its limits: `npm run bench`, or `npm run bench -- execute` for some scenarios only.
import { openEnvironment } from './support/environment.mjs';
import { prepareDecisions } from './support/decisions.mjs';
import { startApplication } from './support/processes.mjs';
import { machine, print, write } from './support/report.mjs';
import { batch } from './scenarios/batch.mjs';
import { backtest } from './scenarios/backtest.mjs';
import { decide } from './scenarios/decide.mjs';
import { execute } from './scenarios/execute.mjs';
import { growth } from './scenarios/growth.mjs';
import { peers } from './scenarios/peers.mjs';
import { publish } from './scenarios/publish.mjs';
import { recordCost } from './scenarios/record-cost.mjs';
import { sandbox } from './scenarios/sandbox.mjs';
import { start } from './scenarios/start.mjs';
import { steps } from './scenarios/steps.mjs';
import { waiting } from './scenarios/waiting.mjs';

const scenarios = [
  decide,
  peers,
  growth,
  publish,
  execute,
  recordCost,
  batch,
  backtest,
  sandbox,
  steps,
  waiting,
  start,
];

/** What scenarios share; each part is made when the first one asks for it. */
class Bench {
  #environment;
  #decisions;
  #ends = [];

  environment = () => (this.#environment ??= this.#openEnvironment());

  /** The application with 100 rules in force, a token that may decide, and the rules as the engine knows them. */
  decisions = () => (this.#decisions ??= this.#prepareDecisions());

  async close() {
    for (const end of this.#ends.splice(0).reverse()) await end();
  }

  async #openEnvironment() {
    const environment = await openEnvironment();
    this.#ends.push(environment.close);
    return environment;
  }

  async #prepareDecisions() {
    const environment = await this.environment();
    const application = await startApplication(environment);
    this.#ends.push(application.stop);
    return { environment, application, ...(await prepareDecisions(application.url)) };
  }

  /** The database server, when a scenario used one. */
  async server() {
    return (await this.#environment)?.server;
  }
}

const chosen = (names) => {
  const unknown = names.find((name) => !scenarios.some((scenario) => scenario.name === name));
  if (unknown)
    throw new Error(`There is no scenario ${unknown}; there are ${scenarios.map(({ name }) => name).join(', ')}.`);
  return names.length === 0 ? scenarios : scenarios.filter(({ name }) => names.includes(name));
};

/** The database of the run would outlive an interrupted one. */
const endOnSignals = (bench) => {
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => void bench.close().finally(() => process.exit(130)));
  }
};

const run = async () => {
  const startedAt = new Date().toISOString();
  const computer = machine();
  const bench = new Bench();
  endOnSignals(bench);
  const results = {};
  try {
    for (const { name, run: measure } of chosen(process.argv.slice(2))) {
      results[name] = await measure(bench);
      print(results[name]);
    }
    const report = { startedAt, machine: computer, postgres: await bench.server(), results };
    const { processor, cores, platform, node, load } = computer;
    const { version, fsync, synchronous_commit: commit } = report.postgres ?? {};
    console.log(`\n${processor}, ${cores} cores, ${platform}, Node ${node}`);
    if (load > 0.2 * cores)
      console.log(`The machine was busy before the bench began (load ${load.toFixed(1)}): trust no latency.`);
    if (version) console.log(`PostgreSQL ${version}, fsync ${fsync}, synchronous_commit ${commit}`);
    console.log(`Written to ${write(report)}`);
  } finally {
    await bench.close();
  }
};

try {
  await run();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
