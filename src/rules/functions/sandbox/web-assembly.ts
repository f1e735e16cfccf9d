/** A compiled module. */
export type WasmModule = object;

/** Linear memory. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
}

/** A global variable that a module exports. */
export interface WasmGlobal {
  value: unknown;
}

/** A module with its imports bound. */
export interface WasmInstance {
  readonly exports: unknown;
}

/** What of WebAssembly is used here. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Memory: new (pages: { readonly initial: number; readonly maximum: number }) => WasmMemory;
  readonly Instance: new (module: WasmModule, imports: Readonly<Record<string, object>>) => WasmInstance;
}

/** The runtime's WebAssembly, which TypeScript describes for browsers only. */
export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyApi }).WebAssembly;
