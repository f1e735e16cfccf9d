import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { meter } from './metered-module.js';
import { webAssembly, type WasmGlobal, type WasmModule } from './web-assembly.js';

/** QuickJS as @jitl/quickjs-wasmfile-release-sync 0.32.0 brings it. Another build has other names and addresses. */
const DIGEST = '105c3bed22d457e43e3d1c3c1c6959fda62a8fe06f0fc8a985303c3a2be72232';

/** The addresses of its static data, and where the heap begins behind the 5 MiB of its stack. */
export const DATA_END = 90_208;
export const HEAP_START = 5_333_088;

/** What is used of the module's exports, under the names that its build gave them. */
export interface InterpreterExports {
  /** Runs static constructors. */
  readonly u: () => void;
  /** malloc. */
  readonly v: (bytes: number) => number;
  /** QTS_RuntimeSetMaxStackSize. */
  readonly D: (runtime: number, bytes: number) => void;
  /** QTS_GetUndefined. */
  readonly E: () => number;
  /** QTS_NewRuntime. */
  readonly K: () => number;
  /** QTS_NewContext; intrinsics 0 are all. */
  readonly N: (runtime: number, intrinsics: number) => number;
  /** QTS_NewString. */
  readonly _: (context: number, text: number) => number;
  /** QTS_GetString. */
  readonly $: (context: number, value: number) => number;
  /** QTS_Call; arguments are pointers to values. */
  readonly ma: (
    ...args: readonly [context: number, target: number, self: number, count: number, args: number]
  ) => number;
  /** QTS_ResolveException: the error behind a result, 0 when there is none. */
  readonly na: (context: number, result: number) => number;
  /** QTS_Dump. */
  readonly oa: (context: number, value: number) => number;
  /** QTS_Eval. */
  readonly pa: (
    ...args: readonly [context: number, source: number, length: number, file: number, detect: number, flags: number]
  ) => number;
  /** Added by metering. */
  readonly ticks: WasmGlobal;
}

let compiled: WasmModule | undefined;

/** The metered interpreter, compiled once in each thread, when it is first asked for. @throws Error for another build */
export function interpreterModule(): WasmModule {
  compiled ??= new webAssembly.Module(meter(readInterpreter()));
  return compiled;
}

function readInterpreter(): Uint8Array {
  const file = createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm');
  const bytes = readFileSync(file);
  const digest = createHash('sha256').update(bytes).digest('hex');
  if (digest !== DIGEST) throw new Error(`${file} is not the build of QuickJS that is known here.`);
  return bytes;
}
