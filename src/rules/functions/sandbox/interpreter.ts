import { DATA_END, HEAP_START, interpreterModule } from './interpreter-module.js';
import type { InterpreterExports } from './interpreter-module.js';
import { PRELUDE } from './prelude.js';
import { webAssembly, type WasmMemory } from './web-assembly.js';

/** All the memory that interpreters of one thread have, stack and data included: 16 MiB that never grow. */
const MEMORY_PAGES = 256;
/** Of the stack this much may be used, so that the thread's own, which runs beside it, is never the first to end. */
const STACK_BYTES = 32 * 1024;
const START_TICKS = 100_000_000;

/** An interpreter that cannot go on; whoever catches it must throw the interpreter away. */
export class InterpreterFault extends Error {
  constructor(
    /** What ran out; undefined when the interpreter itself failed. */
    readonly limit: 'ticks' | 'stack' | undefined,
    cause: unknown,
  ) {
    super(limit ? `The interpreter ran out of ${limit}.` : 'The interpreter failed.', { cause });
    this.name = 'InterpreterFault';
  }
}

/** The memory of an interpreter in which nothing but the prelude has run; the same bytes on every machine. */
interface Beginning {
  readonly data: Uint8Array;
  readonly heap: Uint8Array;
  readonly context: number;
  readonly run: number;
}

let beginning: Beginning | undefined;
/** One for each thread, used again by each new instance: memories that are given up go when the collector finds time. */
let memory: WasmMemory | undefined;

/**
 * One instance of QuickJS, in a memory that cannot grow, without any function of the host but a clock that stands still.
 * `begin` puts every byte back, so that no state outlives a call and each call begins alike, down to where in it memory
 * or ticks run out. Only the latest instance of a thread may be used: it takes the memory over, empty.
 */
export class Interpreter {
  private readonly memory = (memory ??= new webAssembly.Memory({ initial: MEMORY_PAGES, maximum: MEMORY_PAGES }));
  private readonly exports: InterpreterExports;
  private readonly start: Beginning;
  private now = 0;

  /** Whether memory ran out since it was made, whoever noticed. */
  isExhausted = false;

  constructor() {
    this.bytes().fill(0);
    const instance = new webAssembly.Instance(interpreterModule(), { a: this.imports() });
    this.exports = instance.exports as InterpreterExports;
    this.start = beginning ??= this.initialize();
  }

  /** Ticks that are left; set it before a call. */
  get ticks(): number {
    return Math.max(0, Number(this.exports.ticks.value));
  }

  /** Forgets all that happened; the clock stands at `now`, in milliseconds since 1970. */
  begin(now: number, ticks: number): void {
    const bytes = this.bytes();
    bytes.set(this.start.data);
    bytes.set(this.start.heap, HEAP_START);
    this.now = now;
    this.exports.ticks.value = ticks;
  }

  /** Evaluates source text; gives the value's address, or the error as text. @throws InterpreterFault */
  evaluate(source: string, file: string): { readonly value: number } | { readonly error: string } {
    return this.guard(() => {
      const { pa, na, oa } = this.exports;
      const [text, length] = this.write(source);
      const value = pa(this.start.context, text, length, this.write(file)[0], 0, 0);
      const error = na(this.start.context, value);
      return error === 0 ? { value } : { error: this.read(oa(this.start.context, error), ERROR_BYTES) ?? '' };
    });
  }

  /**
   * Runs an evaluated function by the prelude on a text and gives what the prelude says, undefined when that is more
   * than `mostBytes`. @throws InterpreterFault
   */
  run(target: number, input: string, mostBytes: number): string | undefined {
    return this.guard(() => {
      const { _: newString, $: getString, v: allocate, ma: call, na: errorOf } = this.exports;
      const { context, run } = this.start;
      const args = allocate(8);
      new Uint32Array(this.memory.buffer, args, 2).set([target, newString(context, this.write(input)[0])]);
      const result = call(context, run, this.exports.E(), 2, args);
      // The prelude catches all that it has memory and stack to catch.
      if (errorOf(context, result) !== 0) return 'error';
      return this.read(getString(context, result), mostBytes);
    });
  }

  private initialize(): Beginning {
    const { exports } = this;
    exports.ticks.value = START_TICKS;
    exports.u();
    const runtime = exports.K();
    exports.D(runtime, STACK_BYTES);
    const context = exports.N(runtime, 0);
    const [text, length] = this.write(PRELUDE);
    const run = exports.pa(context, text, length, this.write('prelude')[0], 0, 0);
    if (exports.na(context, run) !== 0) throw new Error('The prelude of the interpreter failed.');
    const bytes = this.bytes();
    const end = bytes.findLastIndex((byte) => byte !== 0) + 1;
    return { data: bytes.slice(0, DATA_END), heap: bytes.slice(HEAP_START, end), context, run };
  }

  private guard<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof RangeError) throw new InterpreterFault('stack', error);
      throw new InterpreterFault(Number(this.exports.ticks.value) < 0 ? 'ticks' : undefined, error);
    }
  }

  private bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  /** Puts a text into memory, ended by a zero byte; gives its address and length. */
  private write(text: string): readonly [address: number, length: number] {
    const encoded = Buffer.from(text, 'utf8');
    const address = this.exports.v(encoded.length + 1);
    if (address === 0) throw new Error('There is no memory left for a text.');
    const bytes = this.bytes();
    bytes.set(encoded, address);
    bytes[address + encoded.length] = 0;
    return [address, encoded.length];
  }

  private read(address: number, mostBytes: number): string | undefined {
    const bytes = Buffer.from(this.memory.buffer);
    const end = bytes.indexOf(0, address);
    return end - address > mostBytes ? undefined : bytes.toString('utf8', address, end);
  }

  /** What the module imports, under the names of its build: a clock, the time zone UTC, and refusals. */
  private imports(): Record<string, object> {
    const refuse = () => {
      throw new Error('The interpreter called for something that it does not have.');
    };
    const zeros = (address: number, count: number) => new Uint32Array(this.memory.buffer, address, count).fill(0);
    const fail = () => 0;
    return {
      a: this.memory,
      // Asked for once: when the heap must grow, which it cannot.
      k: () => {
        this.isExhausted = true;
        return 0;
      },
      p: () => this.now,
      // localtime and tzset: of the former's answer only the offset from UTC is read.
      m: (_time: bigint, address: number) => zeros(address, 11),
      n: (offset: number, hasSummerTime: number) => [zeros(offset, 1), zeros(hasSummerTime, 1)],
      // The environment is empty, and there is neither a file nor a timer nor a module.
      e: fail,
      f: (count: number, size: number) => [zeros(count, 1), zeros(size, 1)].length - 2,
      ...{ c: fail, d: fail, o: fail, h: fail, g: fail, j: fail, l: fail, t: fail },
      ...{ b: refuse, q: refuse, r: refuse, s: refuse, i: refuse },
    };
  }
}

const ERROR_BYTES = 64 * 1024;
