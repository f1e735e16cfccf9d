import { contexts, ENTRY_POINT } from '../support/decisions.mjs';
import { runLoad } from '../support/processes.mjs';
import { goal, medians, ratio } from '../support/report.mjs';

const REQUESTS_PER_SECOND = 1_000;
const CONNECTIONS = 64;
const ROUND_SECONDS = 1;
const ROUNDS = 30;

/** What the durable record adds to the time of a decision: with it and as a dry run, at a fixed rate. */
export const recordCost = {
  name: 'record-cost',
  run: async ({ decisions }) => {
    const { application, token } = await decisions();
    const loadOf = (dryRun) => ({
      url: `${application.url}/api/v1/rules/engine/execute`,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      bodies: contexts.map((context) => JSON.stringify({ entryPoint: ENTRY_POINT, context, dryRun })),
      connections: CONNECTIONS,
      requestsPerSecond: REQUESTS_PER_SECOND,
    });
    for (const dryRun of [true, false]) await runLoad({ ...loadOf(dryRun), seconds: 2 });
    const rounds = { off: [], on: [] };
    for (let round = 0; round < ROUNDS; round++) {
      rounds.off.push(await runLoad({ ...loadOf(true), seconds: ROUND_SECONDS }));
      rounds.on.push(await runLoad({ ...loadOf(false), seconds: ROUND_SECONDS }));
    }
    return report(rounds);
  },
};

/** Behind its rate a server is at its limit, and latencies tell how long the queue grew. */
const keptUp = ({ requestsPerSecond }) => requestsPerSecond >= 0.95 * REQUESTS_PER_SECOND;

const report = ({ off, on }) => ({
  title: `The record's part of a decision's time, at a fixed ${REQUESTS_PER_SECOND} requests a second`,
  rows: [rowOf('dry run', medians(off)), rowOf('recorded', medians(on))],
  goals: [goal('p99 recorded beside dry run', ratio(on, off, 'p99'), { atMost: 1.5 })],
  notes: [
    `Medians of ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns; latency counts from when a request was due.`,
    ...([...off, ...on].every(keptUp)
      ? []
      : ['The machine did not keep up with that rate: the comparison means nothing.']),
  ],
  rounds: { off, on },
});

const rowOf = (record, { requestsPerSecond, p50, p975, p99 }) => ({
  record,
  'req/s': requestsPerSecond,
  'p50 ms': p50,
  'p97.5 ms': p975,
  'p99 ms': p99,
});
