import type { Violation } from '../../kernel/domain-error.js';
import type { JsonValue } from '../../kernel/json.js';
import type { DefinitionChecks } from './definition-checks.js';
import { pointerOf } from './pointer.js';

/** What is wrong with a JSONLogic filter that stands at this place. */
export const checkFilter = (filter: JsonValue, checks: DefinitionChecks, ...place: readonly string[]): Violation[] =>
  checks.checkCondition({ condition: filter }).map(({ pointer, message }) => ({
    pointer: pointer.replace(/^#\/condition(?=\/|$)/, () => pointerOf(place)),
    message,
  }));
