import { createHash } from 'node:crypto';
import type { JsonValue } from '../../../kernel/json.js';
import type { FunctionDefinition } from '../../engine/function-definition.js';
import { Interpreter, InterpreterFault } from './interpreter.js';
import { readResult } from './json-result.js';

/** The largest result: 64 KiB of JSON in UTF-8. */
export const OUTPUT_LIMIT = 64 * 1024;
const MESSAGE_CHARACTERS = 500;
/** What an interpreter whose memory ran out costs besides, because the next call needs a new one. */
const EXHAUSTION_TICKS = 1_000_000;

/** What a call may know and use. */
export interface CallConditions {
  /** The frozen clock: ISO 8601. */
  readonly now: string;
  /** Seeds `Math.random`, together with the function's name and the arguments. */
  readonly seed: string;
  /** The most that the call may do. */
  readonly ticks: number;
}

/** `function-failed`: it threw or gave no JSON. `function-limit`: ticks, memory, stack or output ran out. */
export interface CallFailure {
  readonly code: 'function-failed' | 'function-limit';
  readonly message: string;
}

/** What a call came to, and the ticks that it took. */
export type CallOutcome = { readonly ticks: number } & (
  { readonly result: JsonValue } | { readonly failure: CallFailure }
);

let interpreter: Interpreter | undefined;

/**
 * Calls an author's function. The same arguments give the same outcome, byte for byte and tick for tick, on every
 * machine: nothing is seen but arguments, clock and seed, and nothing is left behind. Never throws for what it does.
 */
export function callFunction(
  definition: FunctionDefinition,
  args: readonly JsonValue[],
  conditions: CallConditions,
): CallOutcome {
  return within(conditions, (running) => {
    const evaluated = running.evaluate(sourceOf(definition), definition.name);
    if ('error' in evaluated) return { failure: compileFailure(evaluated.error) };
    const text = JSON.stringify(args);
    const seed = seedOf(`${conditions.seed}\n${definition.name}\n${text}`);
    return outcomeOf(running.run(evaluated.value, `{"seed":[${seed}],"args":${text}}`, OUTPUT_LIMIT + PREFIX_BYTES));
  });
}

/** What speaks against a function's source, undefined when nothing does. It is compiled, not called. */
export function checkFunction(definition: FunctionDefinition, ticks: number): CallFailure | undefined {
  const outcome = within({ now: new Date(0).toISOString(), ticks }, (running) => {
    const evaluated = running.evaluate(`typeof ${sourceOf(definition)}`, definition.name);
    return 'error' in evaluated ? { failure: compileFailure(evaluated.error) } : { result: null };
  });
  return 'failure' in outcome ? outcome.failure : undefined;
}

type Answer = { readonly result: JsonValue } | { readonly failure: CallFailure };

function within({ now, ticks }: Omit<CallConditions, 'seed'>, work: (running: Interpreter) => Answer): CallOutcome {
  const running = (interpreter ??= new Interpreter());
  running.begin(Date.parse(now), ticks);
  let answer: Answer;
  try {
    answer = work(running);
  } catch (error) {
    if (!(error instanceof InterpreterFault)) throw error;
    interpreter = undefined;
    answer = { failure: faultOf(error, running.isExhausted) };
  }
  // After that nothing of it is used again, though `begin` would put it right.
  if (running.isExhausted) interpreter = undefined;
  return { ...answer, ticks: ticks - running.ticks + (running.isExhausted ? EXHAUSTION_TICKS : 0) };
}

/** Strict, so that a forgotten `var` is an error and `arguments.callee` is none of its ways out. */
const sourceOf = ({ name, parameters, source }: FunctionDefinition): string =>
  `(function ${name}(${parameters.join(', ')}) {"use strict";\n${source}\n})`;

const seedOf = (text: string): string =>
  new Uint32Array(createHash('sha256').update(text).digest().buffer, 0, 4).join();

const PREFIX_BYTES = 'value'.length;

function outcomeOf(said: string | undefined): Answer {
  if (said === undefined) return { failure: limited(`its result is larger than ${OUTPUT_LIMIT} bytes.`) };
  if (said === 'promise') return { failure: failed('it gave a promise; a function answers at once.') };
  if (said.startsWith('error')) return { failure: errorFailure(said.slice('error'.length)) };
  try {
    return { result: readResult(said.slice(PREFIX_BYTES)) };
  } catch (error) {
    return { failure: failed((error as Error).message) };
  }
}

function errorFailure(message: string): CallFailure {
  if (message === '' || message === 'null' || message === 'InternalError: out of memory') {
    return limited('it ran out of memory.');
  }
  if (message.endsWith('Error: stack overflow')) return limited('it ran out of stack.');
  return failed(`it threw ${message.toWellFormed().replaceAll('\0', '').slice(0, MESSAGE_CHARACTERS)}`);
}

function compileFailure(described: string): CallFailure {
  const { name, message } = readError(described);
  const failure = errorFailure(`${name}: ${message}`);
  return failure.code === 'function-limit' ? failure : failed(`its source cannot be compiled: ${name}: ${message}`);
}

function readError(described: string): { readonly name: string; readonly message: string } {
  try {
    const { name, message } = JSON.parse(described) as { name?: unknown; message?: unknown };
    return { name: String(name), message: String(message).slice(0, MESSAGE_CHARACTERS) };
  } catch {
    return { name: 'Error', message: described.slice(0, MESSAGE_CHARACTERS) };
  }
}

function faultOf({ limit }: InterpreterFault, isExhausted: boolean): CallFailure {
  if (limit) return limited(`it ran out of ${limit}.`);
  return isExhausted ? limited('it ran out of memory.') : failed('the interpreter failed over it.');
}

const failed = (message: string): CallFailure => ({ code: 'function-failed', message });
const limited = (message: string): CallFailure => ({ code: 'function-limit', message });
