// The decisions that are measured: 100 rules about orders, of which each context meets a few.
import { OWNER } from './environment.mjs';

export const ENTRY_POINT = 'bench.order.placed';

const SEGMENTS = Array.from({ length: 25 }, (_, index) => `segment-${index}`);
const RULES_PER_SEGMENT = 4;

const orderSchema = {
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

/** 100 rules as authors send them. */
export const rules = SEGMENTS.flatMap((segment, index) =>
  shapes.slice(0, RULES_PER_SEGMENT).map((shape, number) => ({
    name: `Rule ${index * RULES_PER_SEGMENT + number + 1} of the bench`,
    priority: number,
    condition: { and: [{ '==': [{ var: 'customer.segment' }, segment] }, shape] },
    actions: [{ type: 'adjust_field', parameters: { field: 'order.score', by: 10 + number } }],
  })),
);

/** 50 contexts; each meets three or four rules. */
export const contexts = Array.from({ length: 50 }, (_, index) => ({
  order: { total: 150 + index * 7, items: 1 + (index % 8), channel: index % 3 === 0 ? 'web' : 'store', score: 0 },
  customer: { segment: SEGMENTS[index % SEGMENTS.length], country: ['DE', 'AT', 'CH'][index % 3], orders: 3 + index },
}));

/** Signs in, makes the entry point with its rules, and gives the token and the rules as the engine knows them. */
export const prepareDecisions = async (url) => {
  const { access_token: token } = await call(`${url}/api/v1/auth/login`, OWNER);
  const api = (path, body) => call(`${url}/api/v1/${path}`, body, token);
  await api('rules/entry-points', {
    name: ENTRY_POINT,
    schema: orderSchema,
    writableFields: ['order.score'],
    failurePolicy: 'fail_open',
  });
  const definitions = [];
  for (const rule of rules) {
    const { data } = await api('business-rules', { ...rule, entryPoint: ENTRY_POINT, publish: true });
    definitions.push(data);
  }
  return { token, definitions };
};

const call = async (url, body, token) => {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`);
  return answer.json();
};
