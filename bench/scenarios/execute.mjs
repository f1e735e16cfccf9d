import { contexts, ENTRY_POINT, orderSchema } from '../support/decisions.mjs';
import { query } from '../support/environment.mjs';
import { runLoad, startPeer } from '../support/processes.mjs';
import { goal, medians, ratio } from '../support/report.mjs';

const CONNECTIONS = 64;
/** The compiler of the runtime has seen enough after so many requests; a slow machine gives up before. */
const WARM_UP_REQUESTS = 20_000;
const WARM_UP_ROUNDS_AT_MOST = 8;
const ROUND_SECONDS = 2;
const ROUNDS = 15;

/** Bytes that audit.md allows a record of four candidates beside context and effects, and each further candidate. */
const RECORD_BUDGET = { base: 600, candidates: 4, candidate: 64 };

/** The decision route with its durable record, in turns with a bare route that does the same work. */
export const execute = {
  name: 'execute',
  run: async ({ decisions }) => {
    const { application, environment, token, definitions } = await decisions();
    const peer = await startPeer(environment, { definitions, schema: orderSchema });
    try {
      const load = {
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        bodies: contexts.map((context) => JSON.stringify({ entryPoint: ENTRY_POINT, context })),
        connections: CONNECTIONS,
      };
      const route = { server: application, url: `${application.url}/api/v1/rules/engine/execute` };
      const rounds = await inTurns({ route, bare: { server: peer, url: `${peer.url}/execute` } }, load);
      return report(rounds, await recordSize(environment.ownerUrl));
    } finally {
      await peer.stop();
    }
  },
};

const inTurns = async (targets, load) => {
  const rounds = Object.fromEntries(Object.keys(targets).map((name) => [name, []]));
  for (const { url } of Object.values(targets)) await warmUp({ ...load, url, seconds: ROUND_SECONDS });
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, target] of Object.entries(targets)) rounds[name].push(await measure(target, load));
  }
  return rounds;
};

const warmUp = async (load) => {
  let requests = 0;
  for (let round = 0; round < WARM_UP_ROUNDS_AT_MOST && requests < WARM_UP_REQUESTS; round++) {
    requests += (await runLoad(load)).requests;
  }
};

const measure = async ({ server, url }, load) => {
  const before = await server.cpuMicroseconds();
  const { requests, ...figures } = await runLoad({ ...load, url, seconds: ROUND_SECONDS });
  return { ...figures, cpuPerRequest: ((await server.cpuMicroseconds()) - before) / requests };
};

/** Mean bytes of what was recorded, and of its parts. */
const recordSize = async (ownerUrl) => {
  const [row] = await query(
    ownerUrl,
    `with record as (
       select payload, convert_from(payload, 'UTF8')::json as body from events
       where type = 'rules.executed' order by occurred_at desc limit 1000
     )
     select avg(length(payload))::float as payload,
       avg(length(body ->> 'context') + length(body ->> 'effects'))::float as context_and_effects,
       avg(json_array_length(body -> 'candidates'))::float as candidates
     from record`,
  );
  const further = Math.max(0, row.candidates - RECORD_BUDGET.candidates);
  return { ...row, budget: RECORD_BUDGET.base + row.context_and_effects + further * RECORD_BUDGET.candidate };
};

const report = ({ route, bare }, size) => ({
  title: `POST /rules/engine/execute with its durable record, 100 rules, ${CONNECTIONS} connections in a closed loop`,
  rows: [rowOf('Proviso', medians(route)), rowOf('bare Fastify', medians(bare))],
  goals: [
    goal('throughput beside the bare route', ratio(route, bare, 'requestsPerSecond'), { atLeast: 0.75 }),
    goal('p99 beside the bare route', ratio(route, bare, 'p99'), { atMost: 1.5 }),
    goal('bytes of a record beside its budget', size.payload / size.budget, { atMost: 1 }),
  ],
  notes: [
    `Medians of ${ROUNDS} rounds of ${ROUND_SECONDS} s in turns, ratios round by round; process role api.`,
    `A record holds ${Math.round(size.candidates)} candidates in ${Math.round(size.payload)} bytes; ` +
      `its budget is ${Math.round(size.budget)}.`,
  ],
  rounds: { route, bare },
  size,
});

const rowOf = (server, { requestsPerSecond, p50, p975, p99, cpuPerRequest }) => ({
  server,
  'req/s': requestsPerSecond,
  'p50 ms': p50,
  'p97.5 ms': p975,
  'p99 ms': p99,
  'CPU µs/req': cpuPerRequest,
});
