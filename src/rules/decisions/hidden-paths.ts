import type { Actor } from '../../platform/http/actor.js';
import type { EntryPoint } from '../entry-points/entry-point.js';

/** Tells the paths of a context whose values an actor may not see. */
export function hiddenPaths(_actor: Actor, _entryPoint: EntryPoint): (path: string) => boolean {
  return () => false;
}
