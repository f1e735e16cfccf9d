import { CaptureTag, Liquid, LiquidError, type Context, type FilterImplOptions, type Template } from 'liquidjs';
import type { JsonObject } from '../../../kernel/json.js';
import { type Escape, MeteredContext } from './liquid-context.js';
import { useMailFilters } from './liquid-filters.js';
import { countedOperators } from './liquid-operators.js';

/** Tags that decide and repeat. None reads another template, and none is without an end. */
const KEPT_TAGS = [
  'assign',
  'capture',
  'comment',
  '#',
  'cycle',
  'echo',
  'for',
  'break',
  'continue',
  'if',
  'unless',
  'raw',
];
/** Outputs and tags of one template. */
const MAX_TAGS = 1_000;
const TAG = /\{[{%]/g;
/** Two names beside one another, which the library reads as the first of them. */
const TWO_NAMES = /\{\{-?\s*[\w.-]+\s+(?!and\b|or\b|contains\b|[|=!<>-])[\w"'[]/;

/** What is wrong with a template, and where it is: line and column from 1. */
export class TemplateFault extends Error {
  constructor(
    message: string,
    readonly line: number,
    readonly column: number,
  ) {
    super(message);
    this.name = 'TemplateFault';
  }
}

class CaptureValue extends CaptureTag {
  override *render(context: Context): Generator<unknown, void, string> {
    const metered = context as MeteredContext;
    metered.captures += 1;
    yield* super.render(context);
    metered.captures -= 1;
  }
}

const writeValue: Extract<FilterImplOptions, (...values: never[]) => unknown> = function (value: unknown) {
  return (this.context as MeteredContext).write(value);
};

const engine = new Liquid({
  strictFilters: true,
  ownPropertyOnly: true,
  // Nothing is ever looked for in files.
  templates: {},
  operators: countedOperators,
  outputEscape: writeValue as (value: unknown) => string,
});
useMailFilters(engine);
for (const name of Object.keys(engine.tags)) if (!KEPT_TAGS.includes(name)) delete engine.tags[name];
engine.registerTag('capture', CaptureValue);

/** Reads a template. @throws TemplateFault */
export function parseTemplate(source: string): Template[] {
  if ((source.match(TAG)?.length ?? 0) > MAX_TAGS) {
    throw new TemplateFault(`more than ${MAX_TAGS} placeholders and tags`, 1, 1);
  }
  try {
    const templates = engine.parse(source);
    const doubled = TWO_NAMES.exec(source.replace(/\{%-?\s*raw\s*-?%\}.*?\{%-?\s*endraw\s*-?%\}/gs, blank));
    if (doubled) throw new TemplateFault('a placeholder holds one name', ...placeOf(source, doubled.index));
    return templates;
  } catch (error) {
    throw faultOf(error);
  }
}

/** What a rendering gives: the text, and the paths that were read and not found. */
export interface Rendered {
  readonly text: string;
  readonly missing: readonly string[];
}

/** Fills a template in. @throws TemplateFault when it does too much, or a filter cannot take its values */
export function renderLiquid(source: string, scope: JsonObject, escape: Escape): Rendered {
  const templates = parseTemplate(source);
  const context = new MeteredContext(scope, engine, escape);
  try {
    const text = String(engine.renderSync(templates, context));
    return { text, missing: [...context.missing] };
  } catch (error) {
    throw faultOf(error);
  }
}

function faultOf(error: unknown): TemplateFault {
  if (error instanceof TemplateFault) return error;
  if (!LiquidError.is(error)) return new TemplateFault(error instanceof Error ? error.message : String(error), 1, 1);
  const [line = 1, column = 1] = error.token.getPosition();
  const message = error.originalError?.message ?? error.message.replace(/, line:\d+, col:\d+$/, '');
  return new TemplateFault(message.slice(0, 300), line, column);
}

const blank = (text: string): string => ' '.repeat(text.length);

function placeOf(source: string, index: number): [line: number, column: number] {
  const lines = source.slice(0, index).split('\n');
  return [lines.length, lines.at(-1)!.length + 1];
}
