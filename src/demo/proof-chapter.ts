import type { Api } from './api.js';
import type { Decided, Decision } from './decision-chapter.js';
import { brief, chapter, say } from './narration.js';
import type { Check } from './tally.js';
import { untilReached } from './waiting.js';

interface Rule {
  readonly id: string;
  readonly name: string;
}

interface Entry {
  readonly occurredAt: string;
  readonly type: string;
  readonly sentence: string;
}

interface Report {
  readonly ok: boolean;
  readonly events: number;
  readonly unsealed: number;
  readonly faults: number;
}

/** Shows why one lead got what it got, and everything that happened to it. */
export async function explainOne(api: Api, { decisions }: Decided): Promise<void> {
  chapter('Why did this lead get that?');
  const [chosen] = decisions.toSorted((one, other) => other.effects.length - one.effects.length);
  if (!chosen) return;
  const { effects, subject } = await api.tell<Decision>('GET', `/business-rules/executions/${chosen.id}`);
  const names = new Map<string, string>();
  for await (const { id, name } of api.items<Rule>('/business-rules')) names.set(id, name);
  for (const effect of effects) say(`  ${names.get(effect.ruleId) ?? effect.ruleId}: ${effectOf(effect)}`);
  const path = `/audit/timeline/lead/${subject.id}`;
  say(`GET /api/v1${path}`);
  for await (const { occurredAt, type, sentence } of api.items<Entry>(path)) {
    say(`  ${occurredAt}  ${type.padEnd(30)} ${brief(sentence, 70)}`);
  }
}

function effectOf({ type, status, parameters, result }: Decision['effects'][number]): string {
  const how = status === 'effective' ? '' : ` (${status})`;
  if (type === 'adjust_field') return `${parameters.field} by ${parameters.by}, then ${String(result)}${how}`;
  return `${type} ${brief(parameters, 60)}${how}`;
}

/** Verifies the organization's whole trail, once its last event is sealed. */
export async function verifyTrail(api: Api): Promise<readonly Check[]> {
  chapter('Verify the audit trail');
  const sealedShare = async (): Promise<number> => {
    const { events, unsealed } = await api.get<Report>('/audit/verify');
    return events === 0 ? 1 : (events - unsealed) / events;
  };
  await untilReached(1, sealedShare, (share) => say(`  ${(share * 100).toFixed(1)} % of the events are sealed …`));
  const { ok, faults, events } = await api.tell<Report>('GET', '/audit/verify');
  say(`  ${events} events, each checked against its leaf hash, the tree and the signed seals.`);
  return [
    { what: 'trail verified', expected: 1, actual: ok ? 1 : 0 },
    { what: 'faults in the trail', expected: 0, actual: faults },
  ];
}
