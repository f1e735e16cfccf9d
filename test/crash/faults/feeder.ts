import { setTimeout as sleep } from 'node:timers/promises';
import { auxiliaries, type MixedWorkflow } from './definition-mix.js';
import type { FaultScene } from './fault-scene.js';

/** An execution that somebody was told of. */
export interface StartedExecution {
  readonly workflow: MixedWorkflow;
  readonly n: number;
}

const CALLERS = 8;
const LOOK_EVERY_MS = 250;
const INSISTS_EVERY_MS = 300;

const IN_FLIGHT = `select count(*)::int as count from workflow_executions
  where status not in ('completed', 'failed', 'cancelled', 'compensated')`;

/** Starts executions over HTTP so that a given number is always under way; what it asked for it insists on. */
export class Feeder {
  /** By the id of the execution. */
  readonly started = new Map<string, StartedExecution>();
  private readonly ids = new Map<MixedWorkflow, string>();
  private isStopped = false;
  private asked = 0;
  /** How many may have been asked for by now. */
  private allowed: number;
  private callers: Promise<void>[] = [];

  constructor(
    private readonly scene: FaultScene,
    private readonly mix: readonly MixedWorkflow[],
    private readonly inFlight: number,
  ) {
    this.allowed = inFlight;
  }

  /** Writes the workflows, begins, and waits until as many as wanted are under way. */
  async start(): Promise<void> {
    for (const { definition } of Object.values(auxiliaries)) await this.create(definition);
    for (const workflow of this.mix) this.ids.set(workflow, await this.create(workflow.definition));
    this.callers = [this.keepCount(), ...Array.from({ length: CALLERS }, () => this.feed())];
    while (this.started.size < this.inFlight) await sleep(50);
  }

  /** Asks for no more, and waits until all that were asked for are started. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await Promise.all(this.callers);
  }

  /** Executions that have not ended. @throws Error when the database is away */
  async countInFlight(): Promise<number> {
    return (await this.scene.rows<{ count: number }>(IN_FLIGHT))[0]!.count;
  }

  private async create(definition: object): Promise<string> {
    const { status, data } = await this.scene.post('/workflows', definition);
    if (status !== 201) throw new Error(`POST /workflows: ${status} ${JSON.stringify(data)}`);
    return (data as { id: string }).id;
  }

  private async keepCount(): Promise<void> {
    while (!this.isStopped) {
      await sleep(LOOK_EVERY_MS);
      const count = await this.countInFlight().catch(() => this.inFlight);
      this.allowed = Math.max(this.allowed, this.started.size + Math.max(0, this.inFlight - count));
    }
  }

  private async feed(): Promise<void> {
    while (!this.isStopped) {
      if (this.asked < this.allowed) await this.insist(this.asked++);
      else await sleep(LOOK_EVERY_MS / 2);
    }
  }

  /** The same request again with the same key, as a client should: the execution must not start twice. */
  private async insist(n: number): Promise<void> {
    const workflow = this.mix[n % this.mix.length]!;
    const path = `/workflows/${this.ids.get(workflow)}/execute`;
    for (;;) {
      const headers = { 'idempotency-key': `execution-${n}` };
      const answer = await this.scene.post(path, { variables: { n } }, headers).catch(() => undefined);
      if (answer?.status === 202) {
        const { executionId } = answer.data as { executionId: string };
        this.started.set(executionId, { workflow, n });
        return;
      }
      if (answer && answer.status < 500)
        throw new Error(`POST ${path}: ${answer.status} ${JSON.stringify(answer.data)}`);
      await sleep(INSISTS_EVERY_MS);
    }
  }
}
