import type { JsonValue } from '../../../kernel/json.js';
import { notANumber } from '../evaluation-error.js';
import type { OperatorTable } from '../expression.js';
import { kindOf } from '../values.js';
import { eager } from './operands.js';

const DECIMAL = /^([+-]?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,3}))?$/;

interface Decimal {
  readonly digits: bigint;
  /** The value is `digits` × 10 ^ `exponent`. */
  readonly exponent: number;
}

/** A number, or a text that writes one exactly. @throws EvaluationError `not-a-number`. */
function readDecimal(value: JsonValue): Decimal {
  const isWritten = typeof value === 'number' || typeof value === 'string';
  const parts = isWritten ? DECIMAL.exec(String(value)) : null;
  if (!parts) throw notANumber(`A decimal number is needed here, not ${kindOf(value)} that is none.`);
  const [, sign, whole, fraction = '', exponent = '0'] = parts;
  return {
    digits: BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`),
    exponent: Number(exponent) - fraction.length,
  };
}

function compareDecimals(a: Decimal, b: Decimal): number {
  const exponent = Math.min(a.exponent, b.exponent);
  const left = a.digits * 10n ** BigInt(a.exponent - exponent);
  const right = b.digits * 10n ** BigInt(b.exponent - exponent);
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** `decimal_compare` [a, b]: -1, 0 or 1, exact for numbers and for texts such as "19.90" of up to 400 digits. */
export const decimalOperators: OperatorTable = {
  decimal_compare: eager([2, 2], ([a, b]) => compareDecimals(readDecimal(a ?? null), readDecimal(b ?? null))),
};
