import { createPool } from '../platform/database/pool.js';
import type { Actor } from '../platform/http/actor.js';
import { eventRow } from './event-row.js';
import type { EventType } from './event-types.js';
import type { Recorder } from './recorder.js';

/** What adoption tells of itself. */
export const rowsAdopted: EventType = {
  type: 'audit.rows-adopted',
  version: 1,
  isPublished: false,
  description: 'Rows copied from another PostgreSQL cluster were taken over here: old and new cluster, new epoch.',
};

/** Subject of the events about the installation itself. */
const INSTALLATION = { type: 'installation', id: '00000000-0000-0000-0000-000000000000' };

export interface Adoption {
  /** The epoch in which rows are written from now on. */
  readonly epoch: number;
  /** Whether anything had to be done. */
  readonly isNew: boolean;
}

export interface AdoptionDependencies {
  /** Of the database, for its owner: no role of the application may do this. */
  readonly ownerUrl: string;
  readonly recorder: Recorder;
}

interface Installed extends Record<string, unknown> {
  readonly epoch: number;
  readonly stored: string;
  readonly present: string;
}

/**
 * Takes over rows that were copied from another cluster: they belong to an epoch that is closed, so relay and sealer
 * read them to the end without waiting for transactions, and go on in the new epoch. No process of the application may
 * run on the database meanwhile; none can start before.
 */
export async function adoptRows(actor: Actor, { ownerUrl, recorder }: AdoptionDependencies): Promise<Adoption> {
  const pool = createPool(ownerUrl, { role: 'owner', max: 1 });
  try {
    const { rows } = await pool.query<Installed>(
      `select epoch, installation.system_identifier as stored, control.system_identifier::text as present
       from installation, pg_control_system() as control`,
    );
    const { epoch: oldEpoch, stored, present } = rows[0]!;
    if (stored === present) return { epoch: oldEpoch, isNew: false };
    const epoch = oldEpoch + 1;
    // Told before it is done: an adoption that nobody recorded would be worse than one recorded twice.
    const event = { type: rowsAdopted.type, version: 1, payload: { from: stored, to: present, epoch } };
    const place = { epoch, source: INSTALLATION, streamVersion: epoch, ordinal: 0 };
    await recorder.record({ event: eventRow(actor, event, rowsAdopted, place), ruleIds: [] });
    await pool.query('update installation set system_identifier = $1, epoch = $2 where system_identifier = $3', [
      present,
      epoch,
      stored,
    ]);
    return { epoch, isNew: true };
  } finally {
    await pool.end();
  }
}
