// The limit that the application is measured against: a bare Fastify route that verifies the token, runs the same
// compiled rules, builds the same row and makes it durable by the same group commit. It checks and limits nothing else.
import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import Fastify from 'fastify';
import { jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';
import { eventRow, Installation, Recorder } from '../../dist/audit/audit.contract.js';
import { newId } from '../../dist/kernel/id.js';
import { createPool } from '../../dist/platform/database/pool.js';
import { permissionsOf } from '../../dist/identity/identity.contract.js';
import {
  matchedOrFailed,
  plainPayload,
  recordEvent,
  rulesExecuted,
} from '../../dist/rules/decisions/decision-record.js';
import { factsOf } from '../../dist/rules/decisions/facts-of.js';
import { createActionRegistry } from '../../dist/rules/engine/action-types.js';
import { decide } from '../../dist/rules/engine/decide.js';
import { compileRuleSet } from '../../dist/rules/engine/rule-set.js';

const { definitions, schema } = JSON.parse(process.env.PEER_SETTINGS);
const publicKey = createPublicKey(createPrivateKey(process.env.JWT_PRIVATE_KEY));
const verified = new LRUCache({ max: 10_000, ttl: 30_000 });
const ruleSet = compileRuleSet(definitions, {
  actionTypes: createActionRegistry(),
  failurePolicy: 'fail_open',
  schema,
});
const pool = createPool(process.env.DATABASE_URL, { role: 'recorder', max: 2 });
const recorder = new Recorder(pool);
const { epoch } = await Installation.load(pool);
const permissions = permissionsOf(['owner']);

const verify = async (token) => {
  const known = verified.get(token);
  if (known) return known;
  const { payload } = await jwtVerify(token, publicKey, { issuer: 'proviso', audience: 'proviso' });
  verified.set(token, payload);
  return payload;
};

const actorOf = ({ sub, org, sid }) => ({
  type: 'user',
  id: sub,
  organizationId: org,
  sessionId: sid,
  roles: ['owner'],
  permissions,
  correlationId: randomUUID(),
  depth: 0,
});

const decideOne = (actor, entryPoint, context) => {
  const executionId = newId();
  const facts = factsOf(actor, executionId, undefined, ruleSet.readsPermissions);
  const start = process.hrtime.bigint();
  const { candidates, effects, errors, outcome, blocked } = decide(ruleSet, context, facts);
  const durationUs = Number((process.hrtime.bigint() - start) / 1000n);
  const recorded = effects.map((effect) => ({ ...effect, applied: false }));
  const common = { executionId, entryPoint, ruleSetRevision: definitions.length, context, facts, candidates };
  return { ...common, effects: recorded, errors, outcome, blocked, durationUs };
};

const recordDurably = (actor, record) => {
  const place = { epoch, source: { type: 'decision', id: record.executionId }, streamVersion: 1, ordinal: 0 };
  const event = eventRow(actor, recordEvent(record.executionId, plainPayload(record)), rulesExecuted, {
    ...place,
    id: record.executionId,
  });
  return recorder.record({ event, ruleIds: matchedOrFailed(record) });
};

const app = Fastify();
app.get('/ready', () => ({ ready: true }));
app.post('/execute', async ({ headers, body }) => {
  const actor = actorOf(await verify(headers.authorization.slice('Bearer '.length)));
  const record = decideOne(actor, body.entryPoint, body.context);
  await recordDurably(actor, record);
  return {
    success: true,
    data: {
      executionId: record.executionId,
      outcome: record.outcome,
      executedRules: record.candidates.filter(([, , state]) => state === 2).map(([ruleId]) => ruleId),
      actions: record.effects,
      errors: record.errors,
      acknowledgments: [],
      blocked: record.blocked,
      recorded: true,
      timings: { decisionMs: record.durationUs / 1000 },
    },
  };
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
