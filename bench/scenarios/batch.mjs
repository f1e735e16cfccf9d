import { contexts, ENTRY_POINT } from '../support/decisions.mjs';
import { query } from '../support/environment.mjs';
import { startRowWriter } from '../support/processes.mjs';
import { goal, median } from '../support/report.mjs';

const BATCH = 500;
const WARM_UP_BATCHES = 20;
const BATCHES_PER_ROUND = 5;
const ROUNDS = 9;

/** Batches of 500 decisions over HTTP, in turns with the raw multi-row INSERT of the rows that they leave. */
export const batch = {
  name: 'batch',
  run: async ({ decisions }) => {
    const { application, environment, token } = await decisions();
    const writer = await startRowWriter(environment, { rows: BATCH });
    try {
      const body = JSON.stringify({
        entryPoint: ENTRY_POINT,
        contexts: Array.from({ length: BATCH }, (_, index) => ({ context: contexts[index % contexts.length] })),
      });
      const decide = () => decideBatch(application.url, token, body);
      for (let round = 0; round < WARM_UP_BATCHES; round++) await decide();
      // What is written are copies of the rows that the batches left, matches of rules included.
      await writer.load();
      for (let round = 0; round < WARM_UP_BATCHES; round++) await writer.write();
      const rounds = { decided: [], written: [] };
      for (let round = 0; round < ROUNDS; round++) {
        rounds.decided.push(await rowsPerSecond(timed(decide)));
        rounds.written.push(await rowsPerSecond(writer.write));
      }
      await assertRecorded(environment.ownerUrl);
      return report(rounds);
    } finally {
      await writer.stop();
    }
  },
};

const decideBatch = async (url, token, body) => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${url}/api/v1/rules/engine/execute-batch`, { method: 'POST', headers, body });
  const { data } = await answer.json();
  if (data?.succeeded !== BATCH) throw new Error(`The batch was answered ${answer.status}.`);
};

/** `work` gives the milliseconds that a batch took. */
const rowsPerSecond = async (work) => {
  let milliseconds = 0;
  for (let count = 0; count < BATCHES_PER_ROUND; count++) milliseconds += await work();
  return (BATCH * BATCHES_PER_ROUND * 1000) / milliseconds;
};

const timed = (work) => async () => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** Every decision left its row, or there was nothing to compare. */
const assertRecorded = async (ownerUrl) => {
  const [{ rows }] = await query(
    ownerUrl,
    "select count(*)::integer as rows from events where type = 'rules.executed'",
  );
  const wanted = BATCH * (WARM_UP_BATCHES + ROUNDS * BATCHES_PER_ROUND);
  if (rows < wanted) throw new Error(`${rows} decisions were recorded, not ${wanted}.`);
};

const report = ({ decided, written }) => ({
  title: `POST /rules/engine/execute-batch with ${BATCH} contexts, 100 rules, one caller`,
  rows: [
    { writer: 'Proviso, decided and recorded', 'rows/s': median(decided) },
    { writer: 'raw multi-row INSERT of the same rows', 'rows/s': median(written) },
  ],
  goals: [
    goal('rows beside the raw INSERT', median(decided.map((rate, round) => rate / written[round])), { atLeast: 0.6 }),
  ],
  notes: [
    `Medians of ${ROUNDS} rounds of ${BATCHES_PER_ROUND} batches in turns, ratios round by round; one caller, one batch at a time.`,
    'The raw INSERT is one statement a batch over one connection; making rows and hashes is not in its time.',
  ],
  rounds: { decided, written },
});
