import { Injectable } from '@nestjs/common';
import { invalid } from '../../kernel/domain-error.js';
import { Sql } from '../../platform/database/sql.js';
import type { WebhookTarget } from './webhook-sender.js';

/** The stored secrets of an endpoint that sign now; none when it is removed. */
export const SIGNING_SECRETS = `case when secret is null then '[]'
  when previous_secret_until > app_now() then jsonb_build_array(secret, previous_secret)
  else jsonb_build_array(secret) end`;

interface TargetRow extends WebhookTarget, Record<string, unknown> {
  readonly isEnabled: boolean;
}

/** Endpoints as steps name them. */
@Injectable()
export class WebhookTargets {
  constructor(private readonly sql: Sql) {}

  /** @throws invalid `unknown-webhook-endpoint` or `webhook-endpoint-disabled` */
  async find(organizationId: string, name: string): Promise<WebhookTarget> {
    const [target] = await this.sql.read<TargetRow>(
      organizationId,
      `select id as "endpointId", url, is_enabled as "isEnabled", ${SIGNING_SECRETS} as secrets
       from webhook_endpoints where organization_id = $1 and name = $2 and removed_at is null`,
      [organizationId, name],
    );
    if (!target) throw invalid('unknown-webhook-endpoint', `There is no webhook endpoint "${name}"; create it first.`);
    if (target.isEnabled) return target;
    throw invalid('webhook-endpoint-disabled', `The webhook endpoint "${name}" is disabled; enable it first.`);
  }
}
