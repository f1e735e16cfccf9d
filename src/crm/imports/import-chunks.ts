import type { EntityManager } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { type Unit, UnitOfWork } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import { activeMembers } from '../leads/assignees.js';
import { findDuplicates, lockIntake } from '../leads/duplicates.js';
import { FIRST_VERSION, insertLeads } from '../leads/insert-leads.js';
import { LeadMetrics } from '../leads/lead-metrics.js';
import { candidateOf, type CheckedRow, checkRows, type Rejection } from './checked-rows.js';
import { findImport } from './find-import.js';
import type { LeadImport, RowCounts } from './lead-import.js';
import { discardUpload, takeChunk } from './stored-upload.js';
import { findPreviewed, insertPreviews, Twins } from './twins.js';

/** Takes imports in, one chunk in one transaction: leads, events, rejections and the progress become durable together. */
@Injectable()
export class ImportChunks {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly metrics: LeadMetrics,
  ) {}

  /** @returns whether there may be more to do for this worker */
  takeNext(actor: Actor, importId: string, worker: string): Promise<boolean> {
    return this.unitOfWork.run(actor, async (unit) => {
      const leadImport = await findImport(unit.em, importId);
      if (!leadImport.isHeldBy(worker)) return false;
      const rows = await takeChunk(unit.em, importId, leadImport.nextChunk);
      if (!rows) {
        unit.record('lead-import', leadImport, ...leadImport.complete(new Date()));
        await discardUpload(unit.em, importId);
        return false;
      }
      const { organizationId, createdBy: userId } = leadImport;
      const members = await activeMembers(unit.em);
      const { checked, rejections } = checkRows(rows, { organizationId, userId, members });
      const counts = await this.takeIn(unit, leadImport, checked, rejections);
      leadImport.advance(counts, worker, new Date());
      return true;
    });
  }

  private async takeIn(
    unit: Unit,
    leadImport: LeadImport,
    checked: readonly CheckedRow[],
    rejections: readonly Rejection[],
  ): Promise<RowCounts> {
    await lockIntake(unit.em, leadImport.organizationId);
    const { fresh, duplicates } = await separate(unit.em, leadImport, checked);
    if (leadImport.isDryRun) {
      const place = { organizationId: leadImport.organizationId, importId: leadImport.id };
      await insertPreviews(unit.em, place, fresh.map(candidateOf));
    } else await create(unit, fresh);
    await insertRejections(unit.em, leadImport, [...rejections, ...duplicates]);
    const counts = { created: fresh.length, duplicate: duplicates.length, rejected: rejections.length };
    unit.onCommitted(() => {
      if (!leadImport.isDryRun) for (const outcome of OUTCOMES) this.metrics.count(outcome, counts[outcome]);
    });
    return counts;
  }
}

const OUTCOMES = ['created', 'duplicate', 'rejected'] as const;

async function create(unit: Unit, rows: readonly CheckedRow[]): Promise<void> {
  await insertLeads(
    unit.em,
    rows.map(({ lead }) => lead),
  );
  for (const { lead, events } of rows) unit.record('lead', { id: lead.id, version: FIRST_VERSION }, ...events);
}

/** Parts rows that are new from those that are known: as leads, or from earlier in the same upload. */
async function separate(
  em: EntityManager,
  leadImport: LeadImport,
  checked: readonly CheckedRow[],
): Promise<{ fresh: CheckedRow[]; duplicates: Rejection[] }> {
  const candidates = checked.map(candidateOf);
  const known = new Map((await findDuplicates(em, candidates)).reverse().map((found) => [found.place, found.id]));
  const previewed = leadImport.isDryRun ? await findPreviewed(em, leadImport.id, candidates) : [];
  const earlier = new Map(previewed.map((twin) => [twin.place, twin.earlier]));
  const twins = await Twins.among(em, candidates);
  const fresh: CheckedRow[] = [];
  const duplicates: Rejection[] = [];
  checked.forEach((row, index) => {
    const { line, content } = row.row;
    const duplicateOf = known.get(line);
    const twin = earlier.get(line) ?? twins.find(candidates[index]!);
    if (duplicateOf !== undefined) {
      const reason = `The lead ${duplicateOf} is the same.`;
      duplicates.push({ line, content, outcome: 'duplicate', reason, duplicateOf });
    } else if (twin !== undefined) {
      duplicates.push({ line, content, outcome: 'duplicate', reason: `Line ${twin} is the same.` });
    } else {
      twins.accept(candidates[index]!);
      fresh.push(row);
    }
  });
  return { fresh, duplicates };
}

async function insertRejections(
  em: EntityManager,
  { organizationId, id }: LeadImport,
  rejections: readonly Rejection[],
): Promise<void> {
  if (rejections.length === 0) return;
  await em.execute(
    `insert into lead_import_rejections (organization_id, import_id, line, outcome, reason, duplicate_of, content)
     select ?::uuid, ?::uuid, line, outcome, reason, "duplicateOf", content
     from json_to_recordset(?::json)
       as row(line integer, outcome text, reason text, "duplicateOf" uuid, content json)`,
    [organizationId, id, JSON.stringify(rejections)],
  );
}
