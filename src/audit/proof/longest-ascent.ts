/** Positions of a longest strictly ascending subsequence, by patience sorting in O(n log n). */
export function longestAscent(values: readonly number[]): number[] {
  const tails: number[] = [];
  const previous: number[] = [];
  for (const [at, value] of values.entries()) {
    const length = lowerBound(tails.length, (middle) => (values[tails[middle] ?? 0] ?? 0) < value);
    previous[at] = tails[length - 1] ?? -1;
    tails[length] = at;
  }
  const ascent: number[] = [];
  for (let at = tails.at(-1) ?? -1; at >= 0; at = previous[at] ?? -1) ascent.push(at);
  return ascent.reverse();
}

/** The first index below `length` where the predicate, true at first and then false, is false. */
function lowerBound(length: number, isBelow: (index: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (isBelow(middle)) low = middle + 1;
    else high = middle;
  }
  return low;
}
