import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { hasHash, parseToken, systemActor, type Trail } from '../../../identity/identity.contract.js';
import { DomainError } from '../../../kernel/domain-error.js';
import { PLATFORM_ORGANIZATION } from '../../../kernel/id.js';
import type { JsonObject } from '../../../kernel/json.js';
import { Sql } from '../../../platform/database/sql.js';
import { loadWorkflow } from '../../definitions/workflow-rows.js';
import type { StartedExecution } from '../../executions/commands/execute-workflow.js';
import { Executions } from '../../executions/executions.js';
import { webhookReceived } from '../trigger.events.js';
import { noteStarted, takeMessage } from '../webhook-rows.js';
import { WebhookSecrets } from '../webhook-secrets.js';
import { isSigned, isWithinWindow, type SignedRequest } from '../webhook-signature.js';

/** A request from outside to a workflow's secret URL. */
export interface ReceivedRequest extends SignedRequest {
  readonly token: string;
  /** The body, read. */
  readonly content: JsonObject;
}

/** Starts an execution of the workflow that a signed request is for. */
export class ReceiveWebhook extends Command<StartedExecution> {
  constructor(
    readonly trail: Trail,
    readonly request: ReceivedRequest,
  ) {
    super();
  }
}

interface Found extends Record<string, unknown> {
  readonly id: string;
  readonly organizationId: string;
  readonly workflowId: string;
  readonly version: number;
  readonly tokenHash: Buffer;
  readonly secret: JsonObject;
}

const FIND = `select webhook.id, webhook.organization_id as "organizationId", webhook.workflow_id as "workflowId",
    webhook.version, webhook.token_hash as "tokenHash", webhook.secret
  from workflow_webhooks webhook
  join workflows on workflows.organization_id = webhook.organization_id and workflows.id = webhook.workflow_id
  where webhook.organization_id = $1 and webhook.id = $2 and workflows.archived_at is null
    and workflows.definition #>> '{trigger,type}' = 'webhook'`;

@CommandHandler(ReceiveWebhook)
export class ReceiveWebhookHandler implements ICommandHandler<ReceiveWebhook> {
  constructor(
    private readonly sql: Sql,
    private readonly secrets: WebhookSecrets,
    private readonly unitOfWork: UnitOfWork,
    private readonly executions: Executions,
  ) {}

  /**
   * @throws not-found, unauthenticated `webhook-out-of-time` or `webhook-not-signed`, conflict `webhook-replayed` or
   * `workflow-disabled`
   */
  async execute({ trail, request }: ReceiveWebhook): Promise<StartedExecution> {
    const webhook = await this.find(request.token);
    const receivedAt = new Date();
    await this.prove(webhook, request, receivedAt);
    return this.unitOfWork.run(systemActor(webhook.organizationId, trail), async (unit) => {
      const workflow = await loadWorkflow(unit.em, webhook.workflowId);
      await takeMessage(unit.em, workflow, request.id);
      const received = webhookReceived(workflow, request.id);
      unit.record('workflow-webhook', { id: workflow.id, version: webhook.version }, received);
      const caused = unit.as({ ...unit.actor, causationId: received.id, depth: unit.actor.depth + 1 });
      const { id, content } = request;
      const given = { webhook: { id, receivedAt: receivedAt.toISOString(), body: content } };
      const executionId = await this.executions.start(caused, workflow, given);
      await noteStarted(unit.em, workflow, id, executionId);
      return { executionId };
    });
  }

  private async find(text: string): Promise<Found> {
    const token = parseToken('prh', text);
    if (!token) throw unknownWebhook();
    const statement = 'select authentication.find_workflow_webhook($1) as id';
    const [place] = await this.sql.read<{ id: string | null }>(PLATFORM_ORGANIZATION, statement, [token.id]);
    if (!place?.id) throw unknownWebhook();
    const [found] = await this.sql.read<Found>(place.id, FIND, [place.id, token.id]);
    if (!found || !hasHash(token.secrets[0]!, found.tokenHash)) throw unknownWebhook();
    return found;
  }

  private async prove({ organizationId, id, secret }: Found, request: SignedRequest, now: Date): Promise<void> {
    if (!isWithinWindow(request.timestamp, now)) {
      const message = 'webhook-timestamp must be the time of sending in whole seconds, at most 5 minutes from now.';
      throw new DomainError('unauthenticated', 'webhook-out-of-time', message);
    }
    if (isSigned(request, await this.secrets.open(organizationId, id, secret))) return;
    const message =
      'webhook-signature must be v1 and the HMAC-SHA256 of id, timestamp and body with the present secret.';
    throw new DomainError('unauthenticated', 'webhook-not-signed', message);
  }
}

const unknownWebhook = (): DomainError =>
  new DomainError('not-found', 'not-found', 'There is no webhook with this token, or it was replaced or removed.');
