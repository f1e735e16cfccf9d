import type { OperatorTable } from '../expression.js';
import { arithmeticOperators } from './arithmetic.js';
import { comparisonOperators } from './comparison.js';
import { dataOperators } from './data.js';
import { dateOperators } from './dates.js';
import { decimalOperators } from './decimal.js';
import { iterationOperators } from './iteration.js';
import { logicOperators } from './logic.js';
import { operatorsOf } from './operands.js';
import { textOperators } from './text.js';

/** All operators that an author can write as JSONLogic. */
export const operatorTable: OperatorTable = operatorsOf(
  arithmeticOperators,
  comparisonOperators,
  logicOperators,
  iterationOperators,
  textOperators,
  dataOperators,
  dateOperators,
  decimalOperators,
);
