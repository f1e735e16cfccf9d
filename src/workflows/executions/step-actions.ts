import { invalid } from '../../kernel/domain-error.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import type { Actor } from '../../platform/http/actor.js';
import { compileContextSchema, type ContextCheck } from '../../rules/rules.contract.js';

/** The queues that steps run on. */
export type StepQueue = 'workflow-steps' | 'emails' | 'webhooks';

/** What an action gets to run one attempt of one visit. */
export interface StepContext {
  /** The system, on the trail of whatever started the execution. */
  readonly actor: Actor;
  readonly executionId: string;
  readonly stepRunId: string;
  /** What an outside effect is done once for: `executionId.stepId.visit`, the same for every attempt. */
  readonly idempotencyKey: string;
  /** The lease under which this attempt runs; a write that must not come late is made under the condition that it holds. */
  readonly fence: number;
  /** Placeholders are filled in; as the action's schema says. */
  readonly parameters: JsonObject;
  /** What the execution's templates read: variables by name, `variables`, `steps`, `execution`. */
  readonly scope: JsonObject;
  /** Fires when the lease was lost or the time is up. */
  readonly signal: AbortSignal;
}

/** One kind of action that steps may run, owned by one context. */
export interface StepAction {
  /** `send_email`. */
  readonly name: string;
  readonly queue: StepQueue;
  /** JSON Schema (draft 2020-12) of the parameters. */
  readonly parametersSchema: JsonObject;
  /**
   * Does the work; it may be run again after a crash, so effects outside the database go by the idempotency key.
   * @returns what later steps read as `steps.<id>`
   * @throws DomainError when it failed; whether it is tried again depends on the error's kind
   */
  run(context: StepContext): Promise<JsonValue>;
}

/** Every action of this build, registered before the workers start. */
export class StepActions {
  private readonly actions = new Map<string, StepAction & { readonly check: ContextCheck }>();

  /** @throws Error when the name is taken or the schema cannot be compiled */
  register(action: StepAction): void {
    if (this.actions.has(action.name)) throw new Error(`The action ${action.name} is registered twice.`);
    const { name, queue, parametersSchema } = action;
    const check = compileContextSchema(parametersSchema);
    this.actions.set(name, { name, queue, parametersSchema, check, run: (context) => action.run(context) });
  }

  find(name: string): StepAction | undefined {
    return this.actions.get(name);
  }

  /** @throws invalid `unknown-action` or `invalid-parameters` with a violation for each fault, and what the action throws */
  async run(name: string, context: StepContext): Promise<JsonValue> {
    const action = this.actions.get(name);
    if (!action) throw invalid('unknown-action', `There is no action "${name}" in this build.`);
    const violations = action.check(context.parameters);
    const [first] = violations;
    if (first) {
      const message = `The parameters of ${name} are wrong: ${first.pointer} ${first.message}.`;
      throw invalid('invalid-parameters', message, { violations });
    }
    return action.run(context);
  }
}
