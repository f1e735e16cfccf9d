import { Query, QueryBus, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { invalid } from '../../../kernel/domain-error.js';
import { newId } from '../../../kernel/id.js';
import type { JsonValue } from '../../../kernel/json.js';
import type { Actor } from '../../../platform/http/actor.js';
import type { AuthoredFunction } from '../custom-function.js';
import { FunctionSandbox } from '../function-sandbox.js';
import type { CallFailure } from '../sandbox/sandbox.js';
import { GetFunction } from './get-function.js';

/** How a function is tried. */
export interface FunctionTrial {
  readonly args: JsonValue;
  /** The frozen clock, ISO 8601; the present when absent. */
  readonly now?: string;
  /** Seeds `Math.random`; another one each time when absent. */
  readonly seed?: string;
  /** Tried instead of the saved body. */
  readonly source?: string;
}

/** What a trial came to: a result or a failure. */
export interface FunctionTest {
  readonly result?: JsonValue;
  readonly failure?: CallFailure;
  /** The same on every machine. */
  readonly ticks: number;
  readonly durationMs: number;
}

/** Calls the newest version of a function once, live or not; nothing is written. */
export class TestFunction extends Query<FunctionTest> {
  constructor(
    readonly actor: Actor,
    readonly name: string,
    readonly trial: FunctionTrial,
  ) {
    super();
  }
}

@QueryHandler(TestFunction)
export class TestFunctionHandler implements IQueryHandler<TestFunction> {
  constructor(
    private readonly queries: QueryBus,
    private readonly sandbox: FunctionSandbox,
  ) {}

  /** @throws not-found, invalid `invalid-arguments`, unavailable */
  async execute({ actor, name, trial }: TestFunction): Promise<FunctionTest> {
    const { args, now = new Date().toISOString(), seed = newId(), source } = trial;
    if (!Array.isArray(args)) {
      throw invalid('invalid-arguments', 'The arguments must be a list.', {
        violations: [{ pointer: '#/args', message: 'must be a list.' }],
      });
    }
    const saved: AuthoredFunction & { version: number } = await this.queries.execute(new GetFunction(actor, name));
    const definition = { name, version: saved.version, parameters: saved.parameters, source: source ?? saved.source };
    return this.sandbox.call(definition, args as readonly JsonValue[], { now, seed });
  }
}
