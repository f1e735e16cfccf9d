import type { JsonObject, JsonValue } from '../../src/kernel/json.js';
import { noted, type Block } from './workflow-arbitraries.js';

/** Stands for what depends on which branch was quicker. */
export const UNKNOWN = Symbol('depends on the order');

type Known = JsonValue | typeof UNKNOWN;

/** What a program means: how it ends, and what its steps give back, those of for_each bodies in the for_each's own. */
export interface Meaning {
  readonly succeeds: boolean;
  readonly outputs: ReadonlyMap<string, Known>;
}

/** How a row of blocks ended: with what its last step gave back, or with a failure. */
type End = { readonly ok: true; readonly value: Known; readonly last: string } | { readonly ok: false };

interface Place {
  /** The parts around, each as `<owner>.<index>`. */
  readonly path: string;
  readonly outputs: Map<string, Known>;
  readonly item?: { readonly item: JsonValue; readonly index: number };
}

/** Whether a step fails wherever it stands on this path. */
export type Fails = (stepId: string, path: string) => boolean;

const FAILURE: JsonValue = { error: { code: 'x', message: 'X.' } };

/**
 * The plainest reading of a program: one block after the other, branches and items one after the other too, failures
 * by return. Timers never come, everything that waits is answered. It knows no `compensate`.
 */
export const meaningOf = (program: readonly Block[], fails: Fails): Meaning => {
  const outputs = new Map<string, Known>();
  const end = new Reference(fails).row('s', program, { path: '', outputs });
  return { succeeds: end.ok, outputs };
};

class Reference {
  constructor(private readonly fails: Fails) {}

  row(place: string, blocks: readonly Block[], at: Place): End {
    let end: End = { ok: true, value: null, last: '' };
    for (const [index, block] of blocks.entries()) {
      end = this.handled(`${place}-${index}`, block, at);
      if (!end.ok) return end;
    }
    return end;
  }

  private handled(id: string, block: Block, at: Place): End {
    const end = this.block(id, block, at);
    const isHandled = 'error' in block && block.error !== undefined && block.error.then !== 'fail';
    const isLeaf = block.kind === 'action' || block.kind === 'subworkflow';
    if (!end.ok && (isLeaf || block.kind === 'parallel' || block.kind === 'for_each')) at.outputs.set(id, FAILURE);
    return !end.ok && isHandled ? { ok: true, value: FAILURE, last: id } : end;
  }

  private block(id: string, block: Block, at: Place): End {
    switch (block.kind) {
      case 'action':
        return this.leaf(id, noted({ ...at.item }), at);
      case 'subworkflow':
        return this.leaf(id, noted({ workflow: 'Other', variables: {} }), at);
      case 'delay':
        return this.give(id, null, at);
      case 'wait':
      case 'task':
        return this.give(id, { approved: true }, at);
      case 'condition':
        return this.condition(id, block, at);
      case 'loop':
        return this.loop(id, block, at);
      case 'parallel':
        return this.parallel(id, block, at);
      case 'for_each':
        return this.forEach(id, block, at);
    }
  }

  private condition(id: string, { holds, yes, no }: Extract<Block, { kind: 'condition' }>, at: Place): End {
    this.give(id, { result: holds }, at);
    return holds ? this.row(`${id}-y`, yes, at) : this.row(`${id}-n`, no, at);
  }

  private leaf(id: string, output: JsonObject, at: Place): End {
    return this.fails(id, at.path) ? { ok: false } : this.give(id, output, at);
  }

  private give(id: string, value: Known, { outputs }: Place): End {
    outputs.set(id, value);
    return { ok: true, value, last: id };
  }

  private loop(id: string, { body, times }: Extract<Block, { kind: 'loop' }>, at: Place): End {
    const counter = `${id}-count`;
    for (;;) {
      const end = this.row(id, body, at);
      if (!end.ok) return end;
      const before = at.outputs.get(counter);
      const count = before === UNKNOWN ? times : Number((before as JsonObject | undefined)?.count ?? 0) + 1;
      at.outputs.set(counter, before === UNKNOWN ? UNKNOWN : { count });
      if (count >= times) return this.give(`${id}-check`, { result: false }, at);
      at.outputs.set(`${id}-wait`, null);
    }
  }

  private parallel(id: string, { branches, join }: Extract<Block, { kind: 'parallel' }>, at: Place): End {
    const inner = new Map(at.outputs);
    const ends = branches.map((branch, index) =>
      this.row(`${id}-b${index}`, branch, { ...at, outputs: inner, path: `${at.path}/${id}.${index}` }),
    );
    const successes = ends.filter(({ ok }) => ok).length;
    const needed = join === 'all' ? branches.length : join === 'any' ? 1 : join;
    const isCertain = successes === branches.length && needed === branches.length;
    for (const [step, output] of inner) {
      const isOwn = step.startsWith(`${id}-b`);
      if (isOwn) at.outputs.set(step, isCertain ? output : UNKNOWN);
    }
    if (successes < needed) return { ok: false };
    const value = { branches: ends.map((end) => ({ status: 'completed', lastStep: end.ok ? end.last : null })) };
    return this.give(id, isCertain ? value : UNKNOWN, at);
  }

  private forEach(id: string, { items, body }: Extract<Block, { kind: 'for_each' }>, at: Place): End {
    const ends = items.map((item, index) =>
      this.row(`${id}-d`, body, {
        path: `${at.path}/${id}.${index}`,
        outputs: new Map(),
        item: { item, index },
      }),
    );
    if (!ends.every((end) => end.ok)) return { ok: false };
    const results = ends.map(({ value }) => value);
    const isCertain = !results.includes(UNKNOWN);
    return this.give(id, isCertain ? { results: results as JsonValue[], count: results.length } : UNKNOWN, at);
  }
}
