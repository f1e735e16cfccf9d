import { type Cancel, sleep, type Timers } from '../../src/kernel/timers.js';
import type { Random } from './random.js';
import type { VirtualTime } from './virtual-time.js';

/** The way to a server broke; whether it has done what it was asked nobody knows. */
export class ConnectionLost extends Error {}

const ASK_AGAIN_MS = 400;

/** How the ways between processes and servers are just now. */
export interface Weather {
  /** Until when nobody reaches the database, in milliseconds of virtual time. */
  databaseAwayUntil: number;
  /** Until when nobody reaches the queue. */
  queueAwayUntil: number;
  /** How often a connection is cut before or after the server has done what it was asked. */
  cutRate: number;
}

/** A process that may be killed or stopped at any moment: what it waits for then never comes, or comes late. */
export class SimulatedProcess implements Timers {
  private state: 'running' | 'stopped' | 'dead' = 'running';
  private held: (() => void)[] = [];

  constructor(
    readonly name: string,
    private readonly time: VirtualTime,
    private readonly random: Random,
    private readonly weather: Weather,
  ) {}

  get isDead(): boolean {
    return this.state === 'dead';
  }

  get isRunning(): boolean {
    return this.state === 'running';
  }

  elapsedMs(): number {
    return this.time.now;
  }

  after(delayMs: number, callback: () => void): Cancel {
    let isCancelled = false;
    const cancel = this.time.after(delayMs, () => this.deliver(() => isCancelled || callback()));
    return () => {
      isCancelled = true;
      cancel();
    };
  }

  /** SIGKILL. What it has sent is still on its way. */
  kill(): void {
    this.state = 'dead';
    this.held = [];
  }

  /** SIGSTOP, and SIGCONT so many milliseconds later. */
  stop(milliseconds: number): void {
    if (!this.isRunning) return;
    this.state = 'stopped';
    this.time.after(milliseconds, () => this.goOn());
  }

  /** Asks a server: the request takes its time, and so does the answer; each may be lost. */
  ask<T>(operation: () => Promise<T>, awayUntil: () => number = () => this.weather.databaseAwayUntil): Promise<T> {
    return new Promise((resolve, reject) => {
      const refuse = (): void => this.deliver(() => reject(new ConnectionLost('The connection was lost.')));
      const isRefused = this.random.isLucky(this.weather.cutRate);
      const isCut = this.random.isLucky(this.weather.cutRate);
      this.time.after(this.latency(), () => {
        if (isRefused || awayUntil() > this.time.now) return refuse();
        void operation().then(
          (answer) => this.time.after(this.latency(), () => (isCut ? refuse() : this.deliver(() => resolve(answer)))),
          (error: Error) => this.time.after(this.latency(), () => this.deliver(() => reject(error))),
        );
      });
    });
  }

  /** Asks the database until it answers: what a step is to come to must not depend on the network. */
  async persist<T>(operation: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await this.ask(operation);
      } catch (error) {
        if (!(error instanceof ConnectionLost)) throw error;
        await sleep(this, ASK_AGAIN_MS);
      }
    }
  }

  private goOn(): void {
    if (this.state !== 'stopped') return;
    this.state = 'running';
    for (const callback of this.held.splice(0)) this.time.after(0, () => this.deliver(callback));
  }

  private deliver(callback: () => void): void {
    if (this.state === 'running') callback();
    else if (this.state === 'stopped') this.held.push(callback);
  }

  private latency(): number {
    return this.random.isLucky(0.02) ? this.random.integer(50, 500) : 1 + this.random.fraction() * 5;
  }
}
