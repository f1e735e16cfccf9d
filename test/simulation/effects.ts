import { invalid, unavailable } from '../../src/kernel/domain-error.js';
import { sleep } from '../../src/kernel/timers.js';
import type { JsonValue } from '../../src/kernel/json.js';
import type { StepContext } from '../../src/workflows/executions/step-actions.js';
import type { MemoryRows, RunRow } from './memory-rows.js';
import { FAILURES, type PlannedStep } from './plans.js';
import type { SimulatedProcess } from './simulated-process.js';

/** `sending` is stored before the effect leaves; a row that stays so belongs to a process that died meanwhile. */
export interface EffectRow {
  status: 'sending' | 'delivered' | 'unknown';
  readonly stepRunId: string;
}

/** What effects are kept in: our rows, and the sink outside, which counts. */
export interface EffectPlaces {
  readonly rows: MemoryRows;
  readonly effects: Map<string, EffectRow>;
  /** How often each idempotency key came to the sink. */
  readonly sink: Map<string, number>;
  readonly planOf: (run: RunRow) => PlannedStep;
}

/** An action with an effect outside, by the rules of mails: marked first, done once, unknown when nobody can know. */
export class EffectAction {
  constructor(
    private readonly hasEffect: boolean,
    private readonly process: SimulatedProcess,
    private readonly places: EffectPlaces,
  ) {}

  /** @throws DomainError when the attempt is planned to fail, unavailable `lease-lost` */
  async run(context: StepContext): Promise<JsonValue> {
    const { plan, output } = await this.process.persist(async () => this.read(context));
    await sleep(this.process, plan.durationMs / 2);
    if (plan.failure) throw failureOf(plan.failure);
    if (this.hasEffect) await this.send(context, plan.durationMs / 2);
    return output;
  }

  private async send({ idempotencyKey, stepRunId, fence }: StepContext, durationMs: number): Promise<void> {
    const { effects, sink } = this.places;
    const isToBeSent = await this.process.persist(async () => this.mark(idempotencyKey, stepRunId, fence));
    if (!isToBeSent) return;
    let status: EffectRow['status'] = 'delivered';
    try {
      await this.process.ask(
        async () => void sink.set(idempotencyKey, (sink.get(idempotencyKey) ?? 0) + 1),
        () => 0,
      );
      await sleep(this.process, durationMs);
    } catch {
      status = 'unknown';
    }
    await this.process.persist(async () => {
      effects.get(idempotencyKey)!.status = status;
    });
  }

  private read({ stepRunId }: StepContext): PlannedStep {
    return this.places.planOf(this.places.rows.runs.get(stepRunId)!);
  }

  /** Marks an effect as being sent, unless an earlier attempt has sent it or may have. */
  private mark(key: string, stepRunId: string, fence: number): boolean {
    const { rows, effects } = this.places;
    const run = rows.runs.get(stepRunId)!;
    if (run.status !== 'running' || run.fence !== fence) throw unavailable('lease-lost', 'Somebody else does it.');
    const before = effects.get(key);
    if (before?.status === 'sending') before.status = 'unknown';
    if (!before) effects.set(key, { status: 'sending', stepRunId });
    return before === undefined;
  }
}

const failureOf = (failure: keyof typeof FAILURES): Error => {
  const { code, message, retryable } = FAILURES[failure];
  return retryable ? unavailable(code, message) : invalid(code, message);
};
