import type { FaultScene } from './fault-scene.js';

/** Mails or webhooks, counted by the rows and by the server that got them. */
export interface EffectSums {
  readonly due: number;
  readonly delivered: number;
  readonly unknown: number;
  /** Under way when a fault struck that may leave their outcome unknown. */
  readonly inFlight: number;
  /** Idempotency keys that the server got more than once. */
  readonly doubles: number;
  /** Sums that do not come out, in words. */
  readonly broken: readonly string[];
}

/** A kind of effect outside the database: where its rows are, and what their columns are called. */
interface EffectKind {
  readonly name: string;
  readonly table: string;
  readonly key: string;
  readonly deliveredAt: string;
  readonly stream: string;
  readonly unknownEvent: string;
}

export const mails: EffectKind = {
  name: 'mails',
  table: 'emails',
  key: 'message_id',
  deliveredAt: 'sent_at',
  stream: 'email',
  unknownEvent: 'workflows.email-unknown',
};

export const webhooks: EffectKind = {
  name: 'webhooks',
  table: 'webhook_deliveries',
  key: 'webhook_id',
  deliveredAt: 'delivered_at',
  stream: 'webhook-delivery',
  unknownEvent: 'workflows.webhook-unknown',
};

/** What should have happened, and what a server says that it took. */
export interface EffectExpectation {
  readonly due: number;
  /** Refused for good. */
  readonly refused: number;
  /** Idempotency keys as the server got them. */
  readonly taken: readonly string[];
}

/** Sets the rows of one kind of effect against what was due and what arrived. */
export async function effectSums(
  scene: FaultScene,
  kind: EffectKind,
  { due, refused, taken }: EffectExpectation,
): Promise<EffectSums> {
  const rows = await scene.rows<{ key: string; status: string }>(
    `select ${kind.key} as key, status from ${kind.table}`,
  );
  const count = (status: string): number => rows.filter((row) => row.status === status).length;
  const arrived = new Set(taken);
  const [delivered, unknown, failed] = [count('delivered'), count('unknown'), count('failed')];
  const missing = rows.filter(({ status, key }) => status === 'delivered' && !arrived.has(key)).length;
  const inFlight = await inFlightOf(scene, kind);
  const doubles = taken.length - arrived.size;
  const checks: readonly (readonly [boolean, string])[] = [
    [delivered + unknown === due, `${delivered} delivered and ${unknown} unknown of ${due} ${kind.name}.`],
    [failed === refused, `${failed} ${kind.name} failed instead of ${refused}.`],
    [missing === 0, `${missing} ${kind.name} count as delivered that the server never took.`],
    [doubles === 0, `${doubles} ${kind.name} came twice.`],
    [unknown <= inFlight, `${unknown} ${kind.name} are unknown, ${inFlight} were under way.`],
  ];
  const broken = checks.filter(([holds]) => !holds).map(([, words]) => words);
  return { due, delivered, unknown, inFlight, doubles, broken };
}

// An effect that became unknown was under way until somebody gave it up.
async function inFlightOf(scene: FaultScene, kind: EffectKind): Promise<number> {
  const { table, deliveredAt, stream, unknownEvent } = kind;
  const moments = scene.faults.filter(({ interruptsEffects }) => interruptsEffects).map(({ at }) => new Date(at));
  const [row] = await scene.rows<{ count: number }>(
    `select count(*)::int as count from unnest($1::timestamptz[]) fault(at) join ${table} effect
       on effect.created_at <= fault.at and fault.at <= coalesce(effect.${deliveredAt},
         (select max(occurred_at) from events where stream = '${stream}:' || effect.id and type = '${unknownEvent}'),
         effect.created_at)`,
    [moments],
  );
  return row!.count;
}
