// The limit of a batch: one statement that writes rows which were made beforehand, over one connection as the recorder's.
// Answers two messages: `load` takes the latest records as patterns, `write` inserts as many under new ids and gives the
// milliseconds that the statement took.
import pg from 'pg';
import { newId, timeOfId } from '../../dist/kernel/id.js';
import { createPool } from '../../dist/platform/database/pool.js';

const { rows: size, ownerUrl } = JSON.parse(process.env.ROW_WRITER);
const pool = createPool(process.env.DATABASE_URL, { role: 'recorder', max: 1 });
let patterns = [];

/** The columns of a row with their types. */
const columns = {
  epoch: 'smallint',
  id: 'uuid',
  occurred_at: 'timestamptz',
  organization_id: 'uuid',
  stream: 'text',
  stream_version: 'integer',
  ordinal: 'smallint',
  type: 'text',
  version: 'smallint',
  subject_type: 'text',
  subject_id: 'uuid',
  actor_type: 'text',
  actor_id: 'uuid',
  correlation_id: 'text',
  causation_id: 'uuid',
  depth: 'smallint',
  published: 'boolean',
  payload: 'bytea',
  leaf_hash: 'bytea',
};
const names = Object.keys(columns);
const lists = Object.values(columns).map((type, index) => `$${index + 1}::${type}[]`);
const matchLists = ['uuid', 'uuid', 'timestamptz', 'uuid'].map(
  (type, index) => `$${names.length + 1 + index}::${type}[]`,
);
const INSERT = `with appended as (
    insert into events (${names}) select * from unnest(${lists}) on conflict do nothing
  )
  insert into rule_matches (organization_id, rule_id, occurred_at, event_id)
  select * from unnest(${matchLists}) on conflict do nothing`;

const load = async () => {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  const { rows } = await client.query(
    `select ${names}, array(select rule_id from rule_matches where event_id = events.id) as rule_ids
     from events where type = 'rules.executed' order by occurred_at desc limit $1`,
    [size],
  );
  await client.end();
  if (rows.length < size) throw new Error(`There are ${rows.length} records, not ${size}.`);
  patterns = rows;
};

const written = (value) => (Buffer.isBuffer(value) ? `\\x${value.toString('hex')}` : value);

/** The values of as many new rows. */
const prepare = () => {
  const rows = patterns.map((pattern) => {
    const id = newId();
    return { ...pattern, id, occurred_at: timeOfId(id).toISOString(), stream: `decision:${id}`, subject_id: id };
  });
  const matches = rows.flatMap((row) => row.rule_ids.map((ruleId) => ({ ruleId, row })));
  return [
    ...names.map((name) => rows.map((row) => written(row[name]))),
    matches.map(({ row }) => row.organization_id),
    matches.map(({ ruleId }) => ruleId),
    matches.map(({ row }) => row.occurred_at),
    matches.map(({ row }) => row.id),
  ];
};

const write = async () => {
  const values = prepare();
  const start = performance.now();
  await pool.query({ name: 'write-rows', text: INSERT, values });
  return performance.now() - start;
};

process.on('message', async (question) => process.send((await (question === 'load' ? load() : write())) ?? 0));
