import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../audit/audit.contract.js';
import { systemActor } from '../../identity/identity.contract.js';
import { newId } from '../../kernel/id.js';
import type { JsonObject } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { failureOf } from '../../platform/queue/failure.js';
import { Queues } from '../../platform/queue/queues.js';
import { findImport } from './find-import.js';
import { importJob } from './import-alarm.js';
import { ImportChunks } from './import-chunks.js';
import type { LeadImport } from './lead-import.js';
import { discardUpload } from './stored-upload.js';

/** A job works so long, then another one goes on: so that a process drains soon and imports take turns. */
const WORKS_FOR_MS = 5_000;

/** What the jobs of one import have in common. */
interface Work {
  readonly actor: Actor;
  readonly importId: string;
  readonly worker: string;
}

/** Takes imports in by jobs. A job may come twice or be lost: who works on an import stands in its row. */
@Injectable()
export class ImportWorker {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly chunks: ImportChunks,
    private readonly queues: Queues,
  ) {}

  async handle({ organizationId, importId, correlationId }: JsonObject, signal?: AbortSignal): Promise<void> {
    if (typeof organizationId !== 'string' || typeof importId !== 'string') return;
    const trail = { correlationId: typeof correlationId === 'string' ? correlationId : newId() };
    const work = await this.claim(systemActor(organizationId, trail), importId);
    if (work) await this.carryOn(work, signal);
  }

  private async carryOn(work: Work, signal?: AbortSignal): Promise<void> {
    const until = Date.now() + WORKS_FOR_MS;
    try {
      while (await this.chunks.takeNext(work.actor, work.importId, work.worker)) {
        if (Date.now() > until || signal?.aborted) return await this.handOn(work);
      }
    } catch (error) {
      await this.stumble(work, failureOf(error).message);
      throw error;
    }
  }

  /** Leads stand on the trail of the import, each being its own subject. */
  private claim(actor: Actor, importId: string): Promise<Work | undefined> {
    return this.unitOfWork.run(actor, async (unit) => {
      const leadImport = await findImport(unit.em, importId);
      const now = new Date();
      const worker = newId();
      if (leadImport.status === 'receiving' && leadImport.leaseUntil <= now) {
        unit.record('lead-import', leadImport, ...leadImport.fail('The upload broke off.', now));
        await discardUpload(unit.em, importId);
      }
      if (!leadImport.claim(worker, now)) return undefined;
      const { correlationId, causeId } = leadImport;
      const trail = { correlationId, depth: 1, ...(causeId !== null && { causationId: causeId }) };
      return { actor: systemActor(leadImport.organizationId, trail), importId, worker };
    });
  }

  private handOn(work: Work): Promise<void> {
    return this.whileHeld(work, (leadImport) => {
      leadImport.release(new Date());
      return [];
    });
  }

  private stumble(work: Work, failure: string): Promise<void> {
    return this.whileHeld(work, (leadImport) => leadImport.stumble(failure, new Date()));
  }

  private whileHeld(
    { actor, importId, worker }: Work,
    change: (leadImport: LeadImport) => ReturnType<LeadImport['stumble']>,
  ): Promise<void> {
    return this.unitOfWork.run(actor, async (unit) => {
      const leadImport = await findImport(unit.em, importId);
      if (!leadImport.isHeldBy(worker)) return;
      unit.record('lead-import', leadImport, ...change(leadImport));
      if (leadImport.isFinished()) await discardUpload(unit.em, importId);
      else unit.onCommitted(() => this.queues.wake('jobs', [importJob(leadImport)]));
    });
  }
}
