import { Injectable } from '@nestjs/common';
import type { Unit } from '../../audit/audit.contract.js';
import type { JsonObject, JsonValue } from '../../kernel/json.js';
import { createActionRegistry, type ActionRegistry } from '../engine/action-types.js';
import type { PortableActionType } from '../engine/portable-rule-set.js';

/** What an owner of an action type gets to carry one effect out. */
export interface Application {
  /** The transaction that also holds the record of the decision. */
  readonly unit: Unit;
  readonly parameters: JsonObject;
  /** Id of the decision, which is also the id of its event. */
  readonly executionId: string;
  readonly subject: { readonly type: string; readonly id: string };
  readonly context: JsonObject;
}

/** An action type whose effect is more than a changed field. Its owner registers it at start. */
export interface AppliedActionType extends PortableActionType {
  /**
   * Carries the effect out in the decision's transaction; what it answers is recorded as the effect's result. It is
   * sealed where a hidden value went into the parameters, so it must quote nothing of the context beside them.
   */
  readonly apply: (application: Application) => Promise<JsonValue>;
}

/** Every action type of this build: the engine's own and those that contexts register. */
@Injectable()
export class ActionTypes {
  private readonly applied = new Map<string, AppliedActionType>();
  private compiled: ActionRegistry | undefined;

  /** @throws Error when the name is taken: an action type has one owner */
  register(type: AppliedActionType): void {
    if (this.applied.has(type.type)) throw new Error(`The action type ${type.type} is registered twice.`);
    this.applied.set(type.type, type);
    this.compiled = undefined;
  }

  /** What rules are compiled against. */
  get registry(): ActionRegistry {
    return (this.compiled ??= createActionRegistry([...this.applied.values()]));
  }

  /** What another thread needs of the types that contexts registered. */
  get portable(): readonly PortableActionType[] {
    return [...this.applied.values()].map(({ type, parametersSchema }) => ({ type, parametersSchema }));
  }

  /** How to carry an effect out, or undefined when it only changes fields or the outcome. */
  applier(type: string): AppliedActionType['apply'] | undefined {
    return this.applied.get(type)?.apply;
  }
}
