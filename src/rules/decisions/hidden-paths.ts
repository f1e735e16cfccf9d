import { READ_SENSITIVE } from '../../audit/audit.contract.js';
import type { Actor } from '../../platform/http/actor.js';
import { parsePath, type Path } from '../engine/paths.js';
import { doMeet, type HiddenSettings, hiddenPathsOf } from '../entry-points/hidden-tree.js';

/**
 * Tells which dotted paths of a context an actor must not be shown the values of: those that are sensitive or personal,
 * what lies below, and what lies above and so holds one.
 */
export function hiddenPaths(actor: Pick<Actor, 'permissions'>, entryPoint: HiddenSettings): (path: string) => boolean {
  const hidden = actor.permissions.has(READ_SENSITIVE) ? [] : hiddenPathsOf(entryPoint);
  return (text) => {
    const path = parsePath(text);
    return hidden.some((covered) => doMeet(covered, withoutPositions(path, covered)));
  };
}

/** A list that stands where a hidden path goes on is hidden as a whole, so a position in it ends the path. */
function withoutPositions(path: Path, covered: Path): Path {
  const parting = path.findIndex((key, i) => key !== covered[i]);
  return parting >= 0 && /^\d+$/.test(path[parting]!) ? path.slice(0, parting) : path;
}
