import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Type } from '@nestjs/common';
import { DomainError, malformed } from '../../../kernel/domain-error.js';
import { isObject } from '../../../kernel/json.js';
import { NestedField } from '../../../platform/http/fields.js';
import { InputPipe } from '../../../platform/http/validation.js';
import { BundledRuleBody, ImportRulesBody, MOST_BUNDLED_RULES } from './bundle.dto.js';

/** Rules that are checked before others get their turn. */
const RULES_AT_ONCE = 100;

class SomeRules {
  @NestedField({ description: 'Some of the rules', type: () => BundledRuleBody, maxItems: RULES_AT_ONCE })
  readonly rules!: BundledRuleBody[];
}

const pipe = new InputPipe();
const read = <T extends object>(value: unknown, metatype: Type<T>): T =>
  pipe.transform(value, { type: 'body', metatype }) as T;

/**
 * Reads the body of an import by its input classes, a part of the rules at a time, so that a large bundle holds nobody
 * up. @throws malformed `invalid-body`
 */
export async function readImport(body: unknown): Promise<ImportRulesBody> {
  const bundle = isObject(body) ? body['bundle'] : undefined;
  const given: unknown = isObject(bundle) ? bundle['rules'] : undefined;
  if (!Array.isArray(given)) return read(body, ImportRulesBody);
  if (given.length > MOST_BUNDLED_RULES) throw tooMany();
  const frame = read({ ...(body as object), bundle: { ...(bundle as object), rules: [] } }, ImportRulesBody);
  const rules: BundledRuleBody[] = [];
  for (let start = 0; start < given.length; start += RULES_AT_ONCE) {
    rules.push(...readSome(given.slice(start, start + RULES_AT_ONCE), start));
    await nextTurn();
  }
  return { ...frame, bundle: { ...frame.bundle, rules } };
}

function readSome(rules: readonly unknown[], start: number): readonly BundledRuleBody[] {
  try {
    return read({ rules }, SomeRules).rules;
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const violations = (error.details.violations ?? []).map(({ pointer, message }) => ({
      pointer: pointer.replace(/^#\/rules\/(\d+)/, (_, index) => `#/bundle/rules/${start + Number(index)}`),
      message,
    }));
    throw new DomainError(error.kind, error.code, error.message, { violations });
  }
}

const tooMany = (): DomainError =>
  malformed('invalid-body', `A bundle holds at most ${MOST_BUNDLED_RULES} rules.`, {
    violations: [{ pointer: '#/bundle/rules', message: `must hold at most ${MOST_BUNDLED_RULES} rules` }],
  });
