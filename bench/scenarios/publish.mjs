import { createActionRegistry } from '../../dist/rules/engine/action-types.js';
import { compileRuleSet } from '../../dist/rules/engine/rule-set.js';
import { call, contextsOver, definitionsOf, orderSchema, rulesOver } from '../support/decisions.mjs';
import { OWNER, query } from '../support/environment.mjs';
import { startApplication } from '../support/processes.mjs';
import { goal, median } from '../support/report.mjs';

const ENTRY_POINT = 'bench.order.published';
const RULES = 10_000;
const PUBLISHED = 20;
const GIVE_UP_AFTER_MS = 5_000;

/** One rule published among 10,000: when it is in force on every instance, and what it costs to compile. */
export const publish = {
  name: 'publish',
  run: async (bench) => {
    const environment = await bench.environment();
    const instances = [await startApplication(environment), await startApplication(environment)];
    try {
      const urls = instances.map(({ url }) => `${url}/api/v1`);
      const token = await prepare(urls[0], environment.ownerUrl);
      const firstMs = [];
      for (const url of urls) firstMs.push(await timed(() => execute(url, token, 'segment-0')));
      const delays = [];
      for (let index = 0; index < PUBLISHED; index++) delays.push(await publishOne(urls, token, `new-${index}`));
      return report({ delays, firstMs, ...compileOne() });
    } finally {
      for (const { stop } of instances) await stop();
    }
  },
};

const timed = async (work) => {
  const start = performance.now();
  await work();
  return performance.now() - start;
};

/** One rule through the API; the others are copies of its rows, because saving each would take most of a minute. */
const prepare = async (url, ownerUrl) => {
  const { access_token: token } = await call(`${url}/auth/login`, OWNER);
  const settings = { schema: orderSchema, writableFields: ['order.score'], failurePolicy: 'fail_open' };
  await call(`${url}/rules/entry-points`, { name: ENTRY_POINT, ...settings }, token);
  const { data } = await createRule(url, token, 'segment-0');
  await query(
    ownerUrl,
    `create table copies as
       select gen_random_uuid() as copy_id, 'segment-' || number / 4 as segment
       from generate_series(4, ${RULES - PUBLISHED + 2}) as number`,
  );
  for (const [table, id] of Object.entries({ rules: 'id', rule_versions: 'rule_id', rule_set_members: 'rule_id' })) {
    await copyRows(ownerUrl, { table, id, original: data.id });
  }
  await query(ownerUrl, 'drop table copies; analyze rules; analyze rule_versions; analyze rule_set_members');
  return token;
};

/** Whatever columns the table has, a copy differs in the rule's id and the segment that its condition asks for. */
const copyRows = async (ownerUrl, { table, id, original }) => {
  const columns = await query(
    ownerUrl,
    `select quote_ident(column_name) as name from information_schema.columns
     where table_schema = current_schema and table_name = '${table}' and is_generated = 'NEVER'`,
  );
  const names = columns.map(({ name }) => name).join(', ');
  const definition = `jsonb_set(to_jsonb(original), '{definition,condition,and,0,==,1}', to_jsonb(segment), false)`;
  await query(
    ownerUrl,
    `insert into ${table} (${names})
     select ${columns.map(({ name }) => `copy.${name}`).join(', ')}
     from ${table} as original, copies,
       jsonb_populate_record(null::${table}, ${definition} || jsonb_build_object('${id}', copy_id)) as copy
     where original.${id} = '${original}'`,
  );
};

const createRule = (url, token, segment) => {
  const [rule] = rulesOver(1);
  const condition = { and: [{ '==': [{ var: 'customer.segment' }, segment] }, rule.condition.and[1]] };
  return call(`${url}/business-rules`, { ...rule, condition, entryPoint: ENTRY_POINT, publish: true }, token);
};

const execute = async (url, token, segment) => {
  const [{ order, customer }] = contextsOver(1);
  const context = { order, customer: { ...customer, segment } };
  const { data } = await call(`${url}/rules/engine/execute`, { entryPoint: ENTRY_POINT, context, dryRun: true }, token);
  return data.executedRules;
};

/** Milliseconds from the request to publish until every instance decides by the rule. */
const publishOne = async (urls, token, segment) => {
  const start = performance.now();
  const { data } = await createRule(urls[0], token, segment);
  for (const url of urls) {
    while (!(await execute(url, token, segment)).includes(data.id)) {
      if (performance.now() - start > GIVE_UP_AFTER_MS) throw new Error('A published rule did not come into force.');
    }
  }
  return performance.now() - start;
};

/** The same in process, to count what is compiled anew: a rule that was taken over has the closure it had. */
const compileOne = () => {
  const definitions = definitionsOf(rulesOver(RULES / 4));
  const options = { actionTypes: createActionRegistry(), failurePolicy: 'fail_open', schema: orderSchema };
  let known;
  const start = performance.now();
  known = compileRuleSet(definitions, options);
  const allMs = performance.now() - start;
  const times = [];
  let compiled = 0;
  for (let index = 0; index < PUBLISHED; index++) {
    definitions[index] = { ...definitions[index], version: 2 };
    const began = performance.now();
    const next = compileRuleSet(definitions, options, known.compiled);
    times.push(performance.now() - began);
    const taken = new Set(known.rules.map(({ evaluate }) => evaluate));
    compiled += next.rules.filter(({ evaluate }) => !taken.has(evaluate)).length;
    known = next;
  }
  return { allMs, nextMs: median(times), compiled: compiled / PUBLISHED };
};

const report = ({ delays, firstMs, allMs, nextMs, compiled }) => ({
  title: `One rule published among ${RULES}`,
  rows: [
    { what: 'in force on two instances, median', ms: median(delays) },
    { what: 'in force on two instances, longest', ms: Math.max(...delays) },
    { what: 'first decision of an instance: loads and compiles all', ms: median(firstMs) },
    { what: 'compile all rules, in process', ms: allMs },
    { what: 'compile the next revision, in process', ms: nextMs },
  ],
  goals: [
    goal('in force everywhere, longest, ms', Math.max(...delays), { atMost: 1_000 }),
    goal('rules compiled for one that is published', compiled, { atMost: 1 }),
  ],
  notes: [
    `${PUBLISHED} rules, one after the other, through the API of one of two processes on one database; the time begins with`,
    'the request and ends when both decide by the rule.',
  ],
  rounds: { delays },
});
