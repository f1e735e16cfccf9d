import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { invalid } from '../../../kernel/domain-error.js';
import type { JsonValue } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import { compileExpression, evaluateOnce } from '../../engine/compile-expression.js';
import { EvaluationError } from '../../engine/evaluation-error.js';
import type { RuleFunctions } from '../../engine/expression.js';
import { parseJsonLogic } from '../../engine/json-logic.js';
import { factsOf } from '../facts-of.js';

const noFunctions: RuleFunctions = new Map();

/** Plain JSONLogic over plain data, for authors; nothing is recorded. */
export class EvaluateLogic extends Query<{ result: JsonValue }> {
  constructor(
    readonly actor: Actor,
    readonly logic: JsonValue,
    readonly data: JsonValue,
  ) {
    super();
  }
}

@QueryHandler(EvaluateLogic)
export class EvaluateLogicHandler implements IQueryHandler<EvaluateLogic> {
  /** @throws invalid `invalid-logic` or the code of what went wrong while evaluating */
  async execute({ actor, logic, data }: EvaluateLogic): Promise<{ result: JsonValue }> {
    const { expression, nodeCount, problems } = parseJsonLogic(logic, noFunctions, '#/logic');
    if (problems.length > 0) {
      throw invalid('invalid-logic', `The logic cannot be compiled: ${problems[0]!.message}`, {
        violations: problems.map(({ pointer, message }) => ({ pointer, message })),
      });
    }
    try {
      const facts = factsOf(actor, actor.correlationId);
      return { result: evaluateOnce(compileExpression(expression, noFunctions), nodeCount, data, facts) };
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw error;
      throw invalid(error.code, `The logic failed: ${error.message}`, {
        violations: [{ pointer: '#/logic', message: error.message }],
      });
    }
  }
}
