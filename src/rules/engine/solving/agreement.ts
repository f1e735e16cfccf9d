import { canonicalJson } from '../../../kernel/canonical-json.js';
import type { Path } from '../paths.js';
import type { Placement } from './documents.js';
import type { Option } from './domain.js';

/** Whether two ways to fill two paths can stand together: an object around both is there for both or for neither. */
export const areAgreed = (path: Path, option: Option, otherPath: Path, other: Option): boolean =>
  leavesRoom(path, option, otherPath, other) && leavesRoom(otherPath, other, path, option);

/** Where an object around one path is not there, the other paths below have nothing for the same reason. */
function leavesRoom(path: Path, { placement }: Option, otherPath: Path, other: Option): boolean {
  const around = placement.path;
  const isGone = around.length < path.length;
  const isAbove = around.length < otherPath.length && around.every((key, i) => key === otherPath[i]);
  return !isGone || !isAbove || isSamePlacement(placement, other.placement);
}

const isSamePlacement = (a: Placement, b: Placement): boolean =>
  a.path.length === b.path.length && textOf(a) === textOf(b);

const textOf = ({ value }: Placement): string | undefined => (value === undefined ? undefined : canonicalJson(value));
