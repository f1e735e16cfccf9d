// The decisions that are measured: 100 rules about orders, of which each context meets a few.
import { newId } from '../../dist/kernel/id.js';
import { OWNER } from './environment.mjs';

export const ENTRY_POINT = 'bench.order.placed';

const SEGMENTS = 25;

/** What the contexts hold; rules are indexed by it. */
export const orderSchema = {
  type: 'object',
  required: ['order', 'customer'],
  properties: {
    order: {
      type: 'object',
      required: ['total', 'items', 'channel'],
      properties: {
        total: { type: 'number' },
        items: { type: 'integer' },
        channel: { type: 'string' },
        score: { type: 'number' },
      },
    },
    customer: {
      type: 'object',
      required: ['segment', 'country', 'orders'],
      properties: { segment: { type: 'string' }, country: { type: 'string' }, orders: { type: 'integer' } },
    },
  },
};

/** The second half of each rule's condition: four shapes that authors write. */
const shapes = [
  { '>': [{ var: 'order.total' }, 100] },
  { in: [{ var: 'customer.country' }, ['DE', 'AT', 'CH']] },
  { or: [{ '==': [{ var: 'order.channel' }, 'web'] }, { '>=': [{ var: 'order.items' }, 5] }] },
  { and: [{ '>=': [{ var: 'customer.orders' }, 3] }, { '<': [{ var: 'order.total' }, 5000] }] },
];

/** Rules as authors send them: of each segment `shapes.length * repeated`, one after the other. */
export const rulesOver = (segments, repeated = 1) =>
  Array.from({ length: segments * shapes.length * repeated }, (_, index) => {
    const segment = `segment-${Math.floor(index / shapes.length) % segments}`;
    const number = index % shapes.length;
    return {
      name: `Rule ${index + 1} of the bench`,
      priority: number,
      condition: { and: [{ '==': [{ var: 'customer.segment' }, segment] }, shapes[number]] },
      actions: [{ type: 'adjust_field', parameters: { field: 'order.score', by: 10 + number } }],
    };
  });

/** 50 contexts spread over the segments; each meets three or four rules of each repetition. */
export const contextsOver = (segments) =>
  Array.from({ length: 50 }, (_, index) => ({
    order: { total: 150 + index * 7, items: 1 + (index % 8), channel: index % 3 === 0 ? 'web' : 'store', score: 0 },
    customer: {
      segment: `segment-${Math.floor((index * segments) / 50)}`,
      country: ['DE', 'AT', 'CH'][index % 3],
      orders: 3 + index,
    },
  }));

/** 100 rules as authors send them. */
export const rules = rulesOver(SEGMENTS);

/** 50 contexts; each meets three or four rules. */
export const contexts = contextsOver(SEGMENTS);

/** Rules as the engine gets them. */
export const definitionsOf = (written) =>
  written.map((rule, index) => ({
    ...rule,
    id: newId(),
    version: 1,
    createdAt: new Date(index).toISOString(),
    enabled: true,
    stopOnMatch: false,
  }));

/** What a decision in process knows besides its context. */
export const facts = {
  now: '2026-11-22T09:30:00.000Z',
  seed: 'bench',
  arms: {},
  acknowledgments: {},
  preferences: {},
  user: { id: 'bench', role: 'owner', permissions: [] },
};

/** Signs in, makes the entry point with its rules, and gives the token and the rules as the engine knows them. */
export const prepareDecisions = async (url) => {
  const { access_token: token } = await call(`${url}/api/v1/auth/login`, OWNER);
  return { token, definitions: await makeEntryPoint(url, token, { name: ENTRY_POINT }) };
};

/** Makes an entry point with the rules of the bench, `settings` of its own, and gives the rules as the engine knows them. */
export const makeEntryPoint = async (url, token, settings) => {
  const api = (path, body) => call(`${url}/api/v1/${path}`, body, token);
  await api('rules/entry-points', {
    schema: orderSchema,
    writableFields: ['order.score'],
    failurePolicy: 'fail_open',
    ...settings,
  });
  const definitions = [];
  for (const rule of rules) {
    const { data } = await api('business-rules', { ...rule, entryPoint: settings.name, publish: true });
    definitions.push(data);
  }
  return definitions;
};

/** Calls the API. @throws Error when it answers anything but success */
export const call = async (url, body, token, method = 'POST') => {
  const answer = await fetch(url, {
    method,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
};
