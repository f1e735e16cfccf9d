import { call, contexts, ENTRY_POINT, makeEntryPoint } from '../support/decisions.mjs';
import { runLoad, startApplication } from '../support/processes.mjs';
import { goal, median, medians } from '../support/report.mjs';

/** Batches of 500 that are recorded first. */
const BATCHES = 240;
/** The same for an entry point with paths that are sealed. */
const SEALED_BATCHES = 60;
const SEALED = { name: 'bench.order.sealed', sensitivePaths: ['customer.country', 'customer.orders'] };
const REQUESTS_PER_SECOND = 500;
const CONNECTIONS = 64;
const ROUND_SECONDS = 1;
const ROUNDS = 60;
const TIMES_ALONE = 5;
/** Its process was started and its sets compiled by then. */
const STARTED_AFTER_MS = 1_000;
const DECISIONS_PER_SECOND = 20_000;
const SEALED_PER_SECOND = 3_000;
const SPAN = { from: '2026-01-01T00:00:00Z', to: '2200-01-01T00:00:00Z' };

/** A draft tried over recorded decisions: as fast as it can, and beside requests at its default share of time. */
export const backtest = {
  name: 'backtest',
  run: async ({ decisions }) => {
    const prepared = await decisions();
    const { environment } = prepared;
    const variables = { ...environment.variables, PROCESS_ROLE: 'worker' };
    const worker = await startApplication({ ...environment, variables }, 'worker');
    try {
      return await measure(prepared);
    } finally {
      await worker.stop();
    }
  },
};

const measure = async ({ application, token, definitions }) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const load = {
    headers,
    url: `${application.url}/api/v1/rules/engine/execute`,
    bodies: contexts.map((context) => JSON.stringify({ entryPoint: ENTRY_POINT, context })),
    connections: CONNECTIONS,
  };
  await record(application.url, token, { entryPoint: ENTRY_POINT, batches: BATCHES });
  const rules = `${application.url}/api/v1/business-rules`;
  const rule = new RuleUnderTest(rules, headers, definitions[0]);
  const plain = await rule.alone();
  const rounds = { without: [], beside: [] };
  const fixed = { ...load, requestsPerSecond: REQUESTS_PER_SECOND, seconds: ROUND_SECONDS };
  await runLoad(fixed);
  for (let round = 0; round < ROUNDS; round++) {
    rounds.without.push(await runLoad(fixed));
    rounds.beside.push(await rule.during(() => runLoad(fixed)));
  }
  const [sealedDefinition] = await makeEntryPoint(application.url, token, SEALED);
  const from = new Date().toISOString();
  await record(application.url, token, { entryPoint: SEALED.name, batches: SEALED_BATCHES });
  const sealed = await new RuleUnderTest(rules, headers, sealedDefinition).alone({ from });
  return report({ plain, sealed }, rounds);
};

const record = async (url, token, { entryPoint, batches }) => {
  const many = Array.from({ length: 500 }, (_, index) => ({ context: contexts[index % contexts.length] }));
  const body = { entryPoint, contexts: many };
  for (let batch = 0; batch < batches; batch++) await call(`${url}/api/v1/rules/engine/execute-batch`, body, token);
};

/** The rule whose draft is tried. */
class RuleUnderTest {
  constructor(url, headers, definition) {
    Object.assign(this, { url, headers, definition });
  }

  /** Makes a draft and tries it alone, as fast as it can. */
  async alone(scope = {}) {
    const { name, priority, actions } = this.definition;
    const condition = { '>': [{ var: 'order.total' }, 300] };
    await this.call('PUT', `/${this.definition.id}`, { name, priority, actions, condition });
    const backtests = [];
    for (let time = 0; time < TIMES_ALONE; time++)
      backtests.push(await this.finished(await this.start({ cpuShare: 1, ...scope })));
    return backtests;
  }

  async start(scope) {
    return (await this.call('POST', `/${this.definition.id}/backtest`, { ...SPAN, ...scope })).jobId;
  }

  async finished(id) {
    for (;;) {
      const backtest = await this.call('GET', `/backtests/${id}`);
      if (backtest.status === 'completed') return backtest;
      if (backtest.status === 'failed') throw new Error(`The back-test failed: ${backtest.failure}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /** Measures while a back-test at the default share runs; it is stopped afterwards. */
  async during(measure) {
    const id = await this.start({});
    while ((await this.call('GET', `/backtests/${id}`)).status === 'queued') {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await new Promise((resolve) => setTimeout(resolve, STARTED_AFTER_MS));
    const measured = await measure();
    const { status } = await this.call('GET', `/backtests/${id}`);
    if (status === 'running') await this.call('POST', `/backtests/${id}/cancel`, {});
    return { ...measured, wasBeside: status === 'running' ? 1 : 0 };
  }

  async call(method, path, body) {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: this.headers,
      ...(body && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`);
    return (await answer.json()).data;
  }
}

const perSecond = (backtests) =>
  backtests.map(
    ({ result, startedAt, finishedAt }) => (result.decisions * 1000) / (Date.parse(finishedAt) - Date.parse(startedAt)),
  );

const report = ({ plain, sealed }, { without, beside }) => {
  const speeds = { plain: perSecond(plain), sealed: perSecond(sealed) };
  const [{ result }] = plain;
  const [quiet, shared] = [medians(without), medians(beside)];
  return {
    title: `A back-test over ${result.decisions} recorded decisions, 100 rules`,
    rows: [rowOf('without a back-test', quiet), rowOf('beside one at 25 %', shared)],
    goals: [
      goal('decisions a second at share 100 %', Math.round(median(speeds.plain)), { atLeast: DECISIONS_PER_SECOND }),
      goal('the same with sealed paths', Math.round(median(speeds.sealed)), { atLeast: SEALED_PER_SECOND }),
      goal(`p99 of ${REQUESTS_PER_SECOND} requests a second, beside`, shared.p99 / quiet.p99, { atMost: 1.5 }),
    ],
    notes: [
      `Medians of ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns: one stall of the disk makes the p99 of its round, of either kind.`,
      `Decisions a second are the median of ${TIMES_ALONE} back-tests, the start of their process in them; ${result.changed} decisions would change.`,
      ...(beside.every(({ wasBeside }) => wasBeside === 1)
        ? []
        : ['A back-test was over before its round was: record more decisions.']),
    ],
    rounds: { speeds, without, beside },
  };
};

const rowOf = (requests, { requestsPerSecond, p50, p975, p99 }) => ({
  requests,
  'req/s': requestsPerSecond,
  'p50 ms': p50,
  'p97.5 ms': p975,
  'p99 ms': p99,
});
