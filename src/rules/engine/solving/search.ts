import { canonicalJson } from '../../../kernel/canonical-json.js';
import type { JsonObject } from '../../../kernel/json.js';
import type { Path } from '../paths.js';
import { place } from './documents.js';
import type { Placement } from './documents.js';
import { domainOf, outcomeIn } from './domain.js';
import type { Domain, Option, World } from './domain.js';
import { ANY_OUTCOME, atomsOf, Outcome, possibleOutcomes } from './formula.js';
import type { Atom, Formula } from './formula.js';

/** Work that searches may do, counted, so that the answer does not depend on the machine. */
export interface WorkBudget {
  left: number;
}

const EVALUATION_WORK = 20;
const ALTERNATIVE_LIMIT = 24;

/** Whether nothing was left out of a search that found nothing, and if something was, what. */
export type Exhaustiveness = 'exhaustive' | 'out-of-work' | 'not-understood';

interface Question {
  readonly formula: Formula;
  readonly world: World;
  readonly budget: WorkBudget;
  /** The engine's own word on a document that the formula says yes to. */
  readonly confirm: (document: JsonObject) => boolean;
}

/** Looks for a document in which a formula holds: tries the ways to fill those paths that the outcome hangs on. */
export class Search {
  private readonly domains = new Map<string, Domain>();
  /** The paths that an atom reads and that can be changed. */
  private readonly keys = new Map<Atom, readonly string[]>();
  private readonly unions = new Map<Atom, number>();
  private readonly chosen = new Map<string, Option>();
  private readonly consulted = new Set<string>();
  private next: string | undefined;
  private isCut = false;
  private isInexact = false;

  constructor(private readonly question: Question) {
    const { formula, world } = question;
    const readers = new Map<string, { path: Path; atoms: Atom[] }>();
    for (const atom of new Set(atomsOf(formula))) {
      const paths = atom.paths.filter((path) => !world.isFixed(path));
      this.keys.set(atom, paths.map(keyOf));
      for (const path of paths) {
        const reader = readers.get(keyOf(path)) ?? { path, atoms: [] };
        reader.atoms.push(atom);
        readers.set(keyOf(path), reader);
      }
    }
    for (const [key, { path, atoms }] of readers) this.domains.set(key, domainOf(world, path, atoms));
  }

  /** A document in which the formula holds, with as few changes to the base as can be. */
  findNearest(): JsonObject | undefined {
    for (let changes = 0; ; changes++) {
      this.isCut = false;
      const found = this.step(changes);
      if (found || !this.isCut || this.isOutOfWork) return found;
    }
  }

  /** Any document in which the formula holds. */
  findAny(): JsonObject | undefined {
    return this.step(Infinity);
  }

  /** How much a search that found nothing proves. */
  get exhaustiveness(): Exhaustiveness {
    if (this.isOutOfWork) return 'out-of-work';
    if (this.isInexact) return 'not-understood';
    const consulted = [...this.consulted].map((key) => this.domains.get(key) as Domain);
    return consulted.every((domain) => domain.isComplete && !this.overlaps(domain)) ? 'exhaustive' : 'not-understood';
  }

  private get isOutOfWork(): boolean {
    return this.question.budget.left <= 0;
  }

  /** Paths of which one leads through the other are not independent, so not every combination is tried. */
  private overlaps({ path }: Domain): boolean {
    const isPrefix = (a: Path, b: Path): boolean => a.length < b.length && a.every((key, i) => key === b[i]);
    return [...this.domains.values()].some((other) => isPrefix(path, other.path) || isPrefix(other.path, path));
  }

  private step(changes: number): JsonObject | undefined {
    if (this.isOutOfWork) return undefined;
    this.next = undefined;
    const possible = possibleOutcomes(this.question.formula, (atom) => this.outcomesOf(atom));
    if ((possible & Outcome.True) === 0) return undefined;
    const key = this.next as string | undefined;
    return key === undefined ? this.settle() : this.branch(key, changes);
  }

  private branch(key: string, changes: number): JsonObject | undefined {
    const { path, options } = this.domains.get(key) as Domain;
    for (const option of options) {
      if (!this.fits(path, option)) continue;
      this.chosen.set(key, option);
      const isAffordable = this.countChanges() <= changes;
      const found = isAffordable ? this.step(changes) : undefined;
      this.chosen.delete(key);
      if (found) return found;
      if (!isAffordable) this.isCut = true;
    }
    return undefined;
  }

  private countChanges(): number {
    return new Set([...this.chosen.values()].flatMap(({ changedPlace }) => changedPlace ?? [])).size;
  }

  /** An object around several paths is there for all of them or for none. */
  private fits(path: Path, option: Option): boolean {
    return [...this.chosen].every(([key, other]) => {
      const otherPath = (this.domains.get(key) as Domain).path;
      return isAgreed(path, option, otherPath, other) && isAgreed(otherPath, other, path, option);
    });
  }

  private outcomesOf(atom: Atom): number {
    this.question.budget.left -= 1;
    if (atom.readsClock && !this.question.world.isClockFixed) this.isInexact = true;
    const keys = this.keys.get(atom) ?? [];
    for (const key of keys) this.consulted.add(key);
    const [only] = keys;
    if (only !== undefined && atom.paths.length === 1 && atom.evaluate) return this.outcomesOver(atom, only);
    const open = keys.find((key) => !this.chosen.has(key));
    if (open === undefined) return this.evaluate(atom);
    this.next ??= open;
    return ANY_OUTCOME;
  }

  private outcomesOver(atom: Atom, key: string): number {
    return this.chosen.get(key)?.outcomes.get(atom) ?? this.unionOf(atom, key);
  }

  /** All that an atom may come to; when that is one thing only, its path need not be filled. */
  private unionOf(atom: Atom, key: string): number {
    const { options } = this.domains.get(key) as Domain;
    const known = this.unions.get(atom);
    const union = known ?? options.reduce((all, { outcomes }) => all | (outcomes.get(atom) ?? 0), 0);
    if (known === undefined) this.unions.set(atom, union);
    const isCertain = (union & (union - 1)) === 0;
    if (!isCertain) this.next ??= key;
    return union;
  }

  private evaluate({ evaluate }: Atom): number {
    if (!evaluate) return ANY_OUTCOME;
    this.question.budget.left -= EVALUATION_WORK;
    return outcomeIn({ evaluate }, this.question.world.scopeOf(this.document()));
  }

  private document(replaced?: Placement): JsonObject {
    const { base, schema } = this.question.world;
    const placements = [...this.chosen.values()]
      .filter(({ changedPlace }) => changedPlace !== undefined)
      .map(({ placement }) => placement)
      .concat(replaced ?? [])
      .sort((a, b) => a.path.length - b.path.length);
    return placements.reduce((document, placement) => place(document, placement, schema), base);
  }

  private settle(): JsonObject | undefined {
    const alternatives = [...this.chosen.values()].flatMap(({ placement: { path }, alternatives: values }) =>
      values.map((value): Placement => ({ path, value })),
    );
    for (const replaced of [undefined, ...alternatives.slice(0, ALTERNATIVE_LIMIT)]) {
      this.question.budget.left -= EVALUATION_WORK;
      const document = this.document(replaced);
      if (this.question.confirm(document)) return document;
    }
    this.isInexact = true;
    return undefined;
  }
}

const keyOf = (path: Path): string => path.join('\0');

/** Where one path has nothing because an object around it is not there, other paths below have nothing for that reason. */
function isAgreed(path: Path, { placement }: Option, otherPath: Path, other: Option): boolean {
  const around = placement.path;
  const isGone = around.length < path.length;
  const isAbove = around.length < otherPath.length && around.every((key, i) => key === otherPath[i]);
  return !isGone || !isAbove || isSamePlacement(placement, other.placement);
}

const isSamePlacement = (a: Placement, b: Placement): boolean =>
  a.path.length === b.path.length && canonicalJson(a.value ?? ABSENT) === canonicalJson(b.value ?? ABSENT);

const ABSENT = { absent: true };
