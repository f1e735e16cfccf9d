import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import type pg from 'pg';
import { invalid } from '../../kernel/domain-error.js';
import { Pools } from '../../platform/database/pools.js';
import type { Actor } from '../../platform/http/actor.js';
import { verifyTrail, type TrailReport } from '../proof/verify.js';
import { TrailSnapshot, trailPool, type TrailRange } from '../store/trail-snapshot.js';

/** Most leaves that one request verifies; a few seconds of work. */
const MAX_LEAVES = 100_000;

export class VerifyRange extends Query<TrailReport> {
  constructor(
    readonly actor: Actor,
    readonly range: TrailRange,
  ) {
    super();
  }
}

@QueryHandler(VerifyRange)
export class VerifyRangeHandler implements IQueryHandler<VerifyRange> {
  private readonly pool: pg.Pool;

  constructor(pools: Pools) {
    this.pool = trailPool(pools);
  }

  /** @throws invalid `audit-range-reversed`, invalid `audit-range-too-large` */
  async execute({ actor, range }: VerifyRange): Promise<TrailReport> {
    const snapshot = await TrailSnapshot.open(this.pool, actor.organizationId);
    try {
      const source = await snapshot.source(range);
      const leaves = source.treeSize - (source.base?.seal.treeSize ?? 0);
      if (leaves > MAX_LEAVES) {
        throw invalid(
          'audit-range-too-large',
          `The range has ${leaves} events, of which one request verifies ${MAX_LEAVES}; narrow from and to, or run \`npm run audit:verify\`.`,
        );
      }
      return await verifyTrail(source);
    } finally {
      await snapshot.close();
    }
  }
}
