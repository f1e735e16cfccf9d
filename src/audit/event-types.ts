/** A kind of event that a context tells: declared once, in the contract of the context that owns it. */
export interface EventType {
  /** Stable name in the past tense, prefixed by the context: `crm.lead-created`. */
  readonly type: string;
  /** Version of the payload's shape, from 1. */
  readonly version: number;
  /** Whether reactions of other contexts may want it; the relay delivers only these. */
  readonly isPublished: boolean;
  /** What happened and what the payload holds, for the reader of the trail. */
  readonly description: string;
}

/** Every event type of this build. A type that two contexts declare stops the start. */
export class EventTypes {
  private readonly types = new Map<string, EventType>();

  register(types: readonly EventType[]): void {
    for (const type of types) {
      if (this.types.has(type.type)) throw new Error(`The event type ${type.type} is declared twice.`);
      this.types.set(type.type, type);
    }
  }

  /** @throws Error for a type that nobody declared. */
  get(type: string): EventType {
    const found = this.types.get(type);
    if (!found) throw new Error(`The event type ${type} is declared by no contract.`);
    return found;
  }

  has(type: string): boolean {
    return this.types.has(type);
  }

  all(): readonly EventType[] {
    return [...this.types.values()];
  }

  /** Names of the published types, of whatever context: what authors of workflows choose among. */
  published(): readonly string[] {
    return this.all()
      .filter(({ isPublished }) => isPublished)
      .map(({ type }) => type);
  }
}
