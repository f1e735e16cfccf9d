import type { Subject } from '../../kernel/domain-event.js';
import type { JsonObject } from '../../kernel/json.js';
import type { EventTypes } from '../event-types.js';
import type { Unit } from '../unit-of-work.js';

/** From so many causes on an event is left alone: something chases its own tail. */
export const MAX_DEPTH = 5;

/** An event as a reaction reads it. */
export interface StoredEvent {
  /** UUID v7. */
  readonly id: string;
  readonly type: string;
  /** Version of the payload's shape, from 1. */
  readonly version: number;
  readonly organizationId: string;
  readonly occurredAt: Date;
  readonly subject: Subject;
  /** The aggregate that told it, `lead:<id>`, and the aggregate's version after the change. */
  readonly stream: string;
  readonly streamVersion: number;
  readonly actor: { readonly type: string; readonly id: string };
  readonly correlationId: string;
  readonly causationId: string | undefined;
  /** How many events lie between the first cause and this one. */
  readonly depth: number;
  readonly payload: JsonObject;
}

/** "When X, then Y": owned by the context of Y. */
export interface Reaction {
  /** The sentence that it carries out, `start-nurture-when-lead-created`; kept for ever, progress is stored under it. */
  readonly name: string;
  readonly eventTypes: readonly string[];
  /**
   * Does what follows from events of one organization, in one transaction with the note that they are processed.
   * `unit.on(event)` records what one of them caused. Events come at least once and are handled once, in about the
   * order in which they were stored; on failure each comes again alone.
   */
  handle(unit: Unit, events: readonly StoredEvent[]): Promise<void>;
}

/** Every reaction of this build, registered before the relay starts. */
export class Reactions {
  private readonly reactions = new Map<string, Reaction>();

  /** @throws Error when the name is taken */
  register(reaction: Reaction): void {
    if (this.reactions.has(reaction.name)) throw new Error(`The reaction ${reaction.name} is registered twice.`);
    this.reactions.set(reaction.name, reaction);
  }

  /** @throws Error for a name that nobody registered */
  get(name: string): Reaction {
    const reaction = this.reactions.get(name);
    if (!reaction) throw new Error(`The reaction ${name} is not part of this build.`);
    return reaction;
  }

  all(): readonly Reaction[] {
    return [...this.reactions.values()];
  }

  /** @throws Error when a reaction waits for an event that nobody declares or that is not published */
  check(eventTypes: EventTypes): void {
    for (const { name, eventTypes: wanted } of this.all()) {
      const missing = wanted.find((type) => !eventTypes.get(type).isPublished);
      if (missing) throw new Error(`The reaction ${name} waits for ${missing}, which is not published.`);
    }
  }
}
