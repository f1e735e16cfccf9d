import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Sql } from '../../platform/database/sql.js';
import type { Actor } from '../../platform/http/actor.js';
import { EMPTY_ROOT } from '../proof/merkle-tree.js';
import type { TrailHead } from '../proof/verify.js';
import { SEAL_COLUMNS, sealOf, type SealRow } from '../store/stored-seal.js';

/** The state of the organization's tree, to be kept elsewhere: a trail cut short or rewritten does not fit it. */
export class GetAuditHead extends Query<TrailHead> {
  constructor(readonly actor: Actor) {
    super();
  }
}

@QueryHandler(GetAuditHead)
export class GetAuditHeadHandler implements IQueryHandler<GetAuditHead> {
  constructor(private readonly sql: Sql) {}

  async execute({ actor: { organizationId } }: GetAuditHead): Promise<TrailHead> {
    const [row] = await this.sql.read<SealRow & Record<string, unknown>>(
      organizationId,
      `select ${SEAL_COLUMNS} from audit_seals seal where seal.organization_id = $1
       order by seal.tree_size desc limit 1`,
      [organizationId],
    );
    return headOf(organizationId, row && sealOf(row));
  }
}

/** The head that a seal states; that of the empty tree when there is none. */
export const headOf = (organizationId: string, seal: Omit<TrailHead, 'organizationId'> | undefined): TrailHead => ({
  organizationId,
  treeSize: seal?.treeSize ?? 0,
  root: seal?.root ?? EMPTY_ROOT.toString('hex'),
});
