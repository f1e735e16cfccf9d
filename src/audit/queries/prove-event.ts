import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type pg from 'pg';
import { conflict, type DomainError } from '../../kernel/domain-error.js';
import { Pools } from '../../platform/database/pools.js';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import { leafHash } from '../proof/leaf-hash.js';
import { inclusionProof } from '../proof/merkle-tree.js';
import type { Seal } from '../proof/seal.js';
import { leavesOfTiles, nodesOfTiles } from '../proof/tiles.js';
import type { StoredEvent } from '../proof/trail.js';
import { storedEventOf } from '../store/stored-event.js';
import { TrailSnapshot, trailPool } from '../store/trail-snapshot.js';
import { readEvent } from './get-event.js';

/** That one event is a leaf of the tree under the newest seal (RFC 6962, 2.1.1). */
export interface EventProof {
  readonly eventId: string;
  /** Hex. */
  readonly leafHash: string;
  readonly index: number;
  /** Hex, the deepest sibling first. */
  readonly path: readonly string[];
  /** The newest seal, which states size and root of the tree. */
  readonly seal: Seal;
}

export class ProveEvent extends Query<EventProof> {
  constructor(
    readonly actor: Actor,
    readonly id: string,
  ) {
    super();
  }
}

@QueryHandler(ProveEvent)
export class ProveEventHandler implements IQueryHandler<ProveEvent> {
  private readonly pool: pg.Pool;

  constructor(
    private readonly sql: Sql,
    pools: Pools,
  ) {
    this.pool = trailPool(pools);
  }

  /** @throws not-found, conflict `audit-not-sealed-yet`, conflict `audit-leaf-missing` */
  async execute({ actor, id }: ProveEvent): Promise<EventProof> {
    const event = storedEventOf(await readEvent(this.sql, actor.organizationId, id));
    const snapshot = await TrailSnapshot.open(this.pool, actor.organizationId);
    try {
      return await prove(event, snapshot);
    } finally {
      await snapshot.close();
    }
  }
}

async function prove(event: StoredEvent, snapshot: TrailSnapshot): Promise<EventProof> {
  const [covering, newest] = [await snapshot.sealCovering(event), await snapshot.lastSeal()];
  if (!covering || !newest) throw notSealedYet(event.id);
  const [{ treeSize }, begin] = covering;
  const readTile = snapshot.tileReader();
  const leaf = leafHash(event);
  const leaves = await leavesOfTiles(readTile)(begin, treeSize);
  const offset = leaves.findIndex((candidate) => candidate.equals(leaf));
  if (offset < 0) throw leafMissing(event.id);
  const index = begin + offset;
  const path = await inclusionProof(nodesOfTiles(readTile), index, newest.treeSize);
  return {
    eventId: event.id,
    leafHash: leaf.toString('hex'),
    index,
    path: path.map((hash) => hash.toString('hex')),
    seal: newest,
  };
}

const notSealedYet = (id: string): DomainError =>
  conflict('audit-not-sealed-yet', `Event ${id} is not sealed yet; ask again in a few seconds.`, {
    retryAfterSeconds: 5,
  });

const leafMissing = (id: string): DomainError =>
  conflict('audit-leaf-missing', `Event ${id} as it stands now was never sealed: verify the trail to see its fault.`);
