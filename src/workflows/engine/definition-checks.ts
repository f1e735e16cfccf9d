import type { Violation } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import type { ConditionForm } from './steps.js';

/** What a registered action tells about itself. */
export interface ActionDescription {
  /** JSON Schema of its parameters. */
  readonly parametersSchema: JsonObject;
}

/** What the checks of a definition need from outside. Pointers in answers begin at the value that was passed. */
export interface DefinitionChecks {
  readonly actionTypes: (name: string) => ActionDescription | undefined;
  /** Whether events of this type are told to other contexts, so that something can wait for one. */
  readonly isEventType: (type: string) => boolean;
  readonly checkCondition: (condition: ConditionForm) => readonly Violation[];
  readonly checkSchema: (schema: JsonObject, value: unknown) => readonly Violation[];
  /** What is wrong with an author's JSON Schema. */
  readonly checkFormSchema: (schema: JsonObject) => readonly Violation[];
  /** What is wrong with a cron expression; undefined when it names times in the zone. */
  readonly checkCron: (cron: string, timeZone: string) => string | undefined;
}
