import type { JsonValue } from '../../../kernel/json.js';
import { invalidArguments } from '../evaluation-error.js';
import type { Evaluate, Operands, OperatorTable } from '../expression.js';
import { spend } from '../scope.js';
import { isSame, memberOf, textOf, toNumber } from '../values.js';
import { argumentValues, eager } from './operands.js';

/** The part of a text from `start`, from the end when negative; `length` negative leaves so many out at the end. */
function substring(text: string, start: number, length: number | undefined): string {
  const from = start < 0 ? Math.max(0, text.length + start) : start;
  if (length === undefined) return text.slice(from);
  return length < 0 ? text.slice(from, length) : text.slice(from, from + length);
}

const isIn = (needle: JsonValue, haystack: JsonValue): boolean => {
  if (typeof haystack === 'string') return needle !== null && haystack.includes(textOf(needle));
  return Array.isArray(haystack) && haystack.some((item: JsonValue) => isSame(item, needle));
};

function concatenation(operands: Operands): Evaluate {
  const values = argumentValues(operands);
  return (scope) => {
    let text = '';
    for (const value of values(scope)) {
      const part = textOf(value);
      spend(scope, part.length);
      text += part;
    }
    return text;
  };
}

/** Operators over text, and membership. */
export const textOperators: OperatorTable = {
  cat: { arity: [0, Infinity], build: concatenation },
  substr: eager([2, 3], ([text, start, length]) => {
    if (text === undefined || start === undefined) throw invalidArguments('substr needs a text and a start.');
    return substring(textOf(text), toNumber(start), length === undefined ? undefined : toNumber(length));
  }),
  in: {
    ...eager([2, 2], ([needle, haystack]) => isIn(needle ?? null, haystack ?? null)),
    relation: (written) => (Array.isArray(written) ? memberOf(written) : (value) => isIn(value, written)),
  },
};
