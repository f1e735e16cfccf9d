import { type Context, defaultOperators, type Operators } from 'liquidjs';

/** The usual comparisons, each counted by how much it compares: long texts in long conditions are not free. */
export const countedOperators: Operators = Object.fromEntries(
  Object.entries(defaultOperators).map(([name, compare]) => [
    name,
    name === 'not'
      ? compare
      : (left: unknown, right: unknown, context: Context) => {
          context.memoryLimit.use(weightOf(left) + weightOf(right));
          return compare(left, right, context);
        },
  ]),
);

/** How many characters and items a value holds. */
export function weightOf(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (!Array.isArray(value)) return 1;
  return value.reduce<number>((weight, item) => weight + weightOf(item), 1);
}
