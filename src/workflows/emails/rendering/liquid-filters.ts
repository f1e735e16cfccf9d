import { filters as library, type FilterImplOptions, type Liquid } from 'liquidjs';
import { formatDate } from './date-format.js';
import { weightOf } from './liquid-operators.js';
import { formatMoney } from './money-format.js';

/**
 * Of the library's filters those that a mail needs and whose cost grows with their input alone. Missing on purpose:
 * `raw`, which would write values unescaped; HTML filters, because values are escaped where they are written; those that
 * evaluate expressions; and those of chance.
 */
const KEPT = [
  ...['append', 'prepend', 'capitalize', 'downcase', 'upcase', 'strip', 'lstrip', 'rstrip', 'strip_newlines', 'squish'],
  ...['replace', 'replace_first', 'remove', 'remove_first', 'truncate', 'truncatewords', 'split', 'url_encode'],
  ...['abs', 'at_least', 'at_most', 'ceil', 'floor', 'round', 'plus', 'minus', 'times', 'divided_by', 'modulo'],
  ...['join', 'first', 'last', 'size', 'reverse', 'sort', 'sort_natural', 'map', 'sum', 'compact', 'concat', 'slice'],
  ...['where', 'reject', 'find', 'has', 'uniq', 'array_to_sentence_string', 'default'],
] as const;

type FilterHandler = Extract<FilterImplOptions, (...values: never[]) => unknown>;

const handlerOf = (filter: FilterImplOptions): FilterHandler =>
  typeof filter === 'function' ? filter : filter.handler;

/** How many times each item is looked at; once unless said. */
const LOOKS: Readonly<Record<string, number>> = { sort: 20, sort_natural: 40 };

/** Counted by what goes in, and as a step: hundreds of filters may stand in one output. */
const counted = (handler: FilterHandler, looks = 1): FilterHandler =>
  function (value: unknown, ...parameters: unknown[]): unknown {
    this.context.memoryLimit.use(looks * weightOf(value) + weightOf(parameters));
    this.context.renderLimit.check(0);
    return handler.call(this, value, ...parameters) as unknown;
  };

/**
 * Gives an engine the filters of mails and takes all others away. `date: '%d.%m.%Y', 'Europe/Berlin'` writes a point in
 * time in a time zone (UTC unless given), `money: 'EUR', 'de'` an amount in a currency and a language (English unless given).
 */
export function useMailFilters(engine: Liquid): void {
  for (const name of Object.keys(engine.filters)) engine.unregisterFilter(name);
  for (const name of KEPT) engine.registerFilter(name, counted(handlerOf(library[name]!), LOOKS[name]));
  engine.registerFilter('date', counted(formatDate));
  engine.registerFilter('money', counted(formatMoney));
}
