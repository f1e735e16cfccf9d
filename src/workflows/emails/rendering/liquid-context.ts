import { Context, type Liquid } from 'liquidjs';
import type { JsonObject } from '../../../kernel/json.js';

/** What one rendering may do before it is stopped; the same work is counted the same on every machine. */
const MAX_STEPS = 20_000;
/** Characters and list items that tags, filters and comparisons work on. */
const MAX_WEIGHT = 2_000_000;
/** Backstop for what is not counted, in microseconds of this thread's own processor time. */
const MAX_CPU_MICROSECONDS = 50_000;
const STEPS_BETWEEN_LOOKS = 64;

/** A template did more than a mail may take. */
export class TooMuchWork extends Error {
  constructor(what: string) {
    super(`The template ${what}; shorten its loops`);
    this.name = 'TooMuchWork';
  }
}

/** How a value becomes part of what is written. */
export type Escape = (text: string) => string;

const cpuTime = (): number => {
  const { user, system } = process.threadCpuUsage();
  return user + system;
};

/** One rendering: the values it reads, what it may still do, and which variables it did not find. */
export class MeteredContext extends Context {
  /** Paths that were read and are not there, `lead.contact.firstName`. */
  readonly missing = new Set<string>();
  /** How deep inside of `capture` this is: what is captured is a value, escaped where it is written. */
  captures = 0;
  private steps = 0;
  private weight = 0;
  private readonly cpuLimit = cpuTime() + MAX_CPU_MICROSECONDS;

  constructor(
    scope: JsonObject,
    liquid: Liquid,
    private readonly escape: Escape,
  ) {
    super(scope, liquid.options, { sync: true }, { liquid });
    this.renderLimit.check = () => this.step();
    this.memoryLimit.use = (count) => this.use(count);
  }

  /** What is written for a value: JSON for an object or a list. */
  write(value: unknown): string {
    const text = textOf(value);
    this.use(text.length);
    return this.captures > 0 ? text : this.escape(text);
  }

  override *_get(paths: Parameters<Context['_get']>[0]): IterableIterator<unknown> {
    const value: unknown = yield* super._get(paths);
    if (value === undefined) this.missing.add(paths.map(String).join('.').slice(0, 200));
    return value;
  }

  /** Counts one step. @throws TooMuchWork */
  private step(): void {
    this.steps += 1;
    if (this.steps > MAX_STEPS) throw new TooMuchWork(`takes more than ${MAX_STEPS} steps`);
    if (this.steps % STEPS_BETWEEN_LOOKS === 0) this.look();
  }

  /** @throws TooMuchWork */
  private use(count: number): void {
    // An infinite range weighs infinitely much; what is no number makes no items.
    if (!(count > 0)) return;
    this.weight += count;
    if (this.weight > MAX_WEIGHT) throw new TooMuchWork(`works on more than ${MAX_WEIGHT} characters and items`);
  }

  private look(): void {
    if (cpuTime() > this.cpuLimit) throw new TooMuchWork(`takes longer than ${MAX_CPU_MICROSECONDS / 1000} ms`);
  }
}

const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
};
