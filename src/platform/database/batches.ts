import { isConnectionLost } from './sql.js';

/** Statements that are under way for one key at the same time: while one is carried out, the next one gathers. */
const AT_ONCE = 2;
const MAX_ITEMS = 64;

interface Waiting<Item, Answer> {
  readonly item: Item;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

interface Lane<Item, Answer> {
  waiting: Waiting<Item, Answer>[];
  running: number;
  isWoken: boolean;
}

/**
 * Carries out together what is asked for while statements are under way: to make a statement ready costs as much as
 * several rows. Nothing waits for a clock; a lone call leaves with the present turn of the event loop.
 */
export class Batches<Item, Answer> {
  private readonly lanes = new Map<string, Lane<Item, Answer>>();

  /** @param run does the items of one key in one transaction; its answers stand in their order */
  constructor(private readonly run: (key: string, items: readonly Item[]) => Promise<readonly Answer[]>) {}

  /** Has an item done with others of its key. @throws what `run` throws for it alone */
  add(key: string, item: Item): Promise<Answer> {
    const lane = this.lanes.get(key) ?? { waiting: [], running: 0, isWoken: false };
    this.lanes.set(key, lane);
    return new Promise((resolve, reject) => {
      lane.waiting.push({ item, resolve, reject });
      this.wake(key, lane);
    });
  }

  private wake(key: string, lane: Lane<Item, Answer>): void {
    if (lane.isWoken || lane.running === AT_ONCE) return;
    lane.isWoken = true;
    setImmediate(() => {
      lane.isWoken = false;
      void this.next(key, lane);
    });
  }

  private async next(key: string, lane: Lane<Item, Answer>): Promise<void> {
    const batch = lane.waiting.splice(0, MAX_ITEMS);
    lane.running += 1;
    await this.runBatch(key, batch);
    lane.running -= 1;
    if (lane.waiting.length > 0) this.wake(key, lane);
    else if (lane.running === 0 && !lane.isWoken) this.lanes.delete(key);
  }

  private async runBatch(key: string, batch: readonly Waiting<Item, Answer>[]): Promise<void> {
    try {
      const answers = await this.run(
        key,
        batch.map(({ item }) => item),
      );
      for (const [index, { resolve }] of batch.entries()) resolve(answers[index]!);
    } catch (error) {
      // One that is refused takes the others with it; each of them alone is answered for itself.
      if (batch.length > 1 && !isConnectionLost(error)) for (const lone of batch) await this.runBatch(key, [lone]);
      else for (const { reject } of batch) reject(error);
    }
  }
}
