import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { UnitOfWork } from '../../../audit/audit.contract.js';
import { formatToken, hashSecret, newSecret } from '../../../identity/identity.contract.js';
import { conflict } from '../../../kernel/domain-error.js';
import { newId } from '../../../kernel/id.js';
import type { Actor } from '../../../platform/http/actor.js';
import { API_PREFIX } from '../../../platform/http/api-prefix.js';
import type { Workflow } from '../../definitions/workflow.js';
import { loadWorkflow } from '../../definitions/workflow-rows.js';
import { webhookChanged } from '../trigger.events.js';
import { putWebhook } from '../webhook-rows.js';
import { WebhookSecrets } from '../webhook-secrets.js';
import { newWebhookSecret } from '../webhook-signature.js';

/** Where a workflow takes requests from now on, and with which secret; both can be had only here. */
export interface WebhookAccess {
  /** Path with the token, below this installation's address. */
  readonly path: string;
  /** `whsec_…`; signs requests after Standard Webhooks. */
  readonly secret: string;
}

/** Gives a workflow a secret URL and a secret to sign with; those it had before count no more. */
export class SetUpWebhook extends Command<WebhookAccess> {
  constructor(
    readonly actor: Actor,
    readonly workflowId: string,
  ) {
    super();
  }
}

@CommandHandler(SetUpWebhook)
export class SetUpWebhookHandler implements ICommandHandler<SetUpWebhook> {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly secrets: WebhookSecrets,
  ) {}

  /** @throws not-found, conflict `no-webhook-trigger` */
  async execute({ actor, workflowId }: SetUpWebhook): Promise<WebhookAccess> {
    const [id, tokenSecret, secret] = [newId(), newSecret(), newWebhookSecret()];
    const sealed = await this.secrets.seal(actor.organizationId, id, secret);
    return this.unitOfWork.run(actor, async (unit) => {
      const workflow = await loadWorkflow(unit.em, workflowId);
      expectWebhookTrigger(workflow);
      const credentials = { id, tokenHash: hashSecret(tokenSecret), secret: sealed };
      const stored = await putWebhook(unit.em, workflow, credentials, { userId: actor.id, now: new Date() });
      const change = stored.version === 1 ? 'created' : 'rotated';
      unit.record('workflow-webhook', { id: workflowId, version: stored.version }, webhookChanged(change, workflow));
      unit.keepAnswerSecret(`/${API_PREFIX}/workflows/${workflowId}/webhook`);
      return { path: `/${API_PREFIX}/workflows/hooks/${formatToken('prh', id, tokenSecret)}`, secret };
    });
  }
}

function expectWebhookTrigger({ definition }: Workflow): void {
  if (definition.trigger.type === 'webhook') return;
  const message = `The trigger of "${definition.name}" is ${definition.trigger.type}; save it with {"type": "webhook"} first.`;
  throw conflict('no-webhook-trigger', message);
}
