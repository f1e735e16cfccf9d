/** Beyond so many members only the single ones, none and all are made, for subsets double with each. */
const MEMBER_LIMIT = 6;

/** The subsets of a list, smaller ones first. */
export function subsetsOf<Member>(members: readonly Member[]): readonly (readonly Member[])[] {
  if (members.length > MEMBER_LIMIT) return [[], ...members.map((member) => [member]), members];
  let subsets: Member[][] = [[]];
  for (const member of members) subsets = [...subsets, ...subsets.map((subset) => [...subset, member])];
  return subsets.sort((a, b) => a.length - b.length);
}
