/**
 * Ways out of a JavaScript sandbox: the kinds that were published for node:vm, vm2, n8n and others, written anew. Each
 * is the body of a function that returns what it takes for the host's global object, or for something of the host.
 */
export const escapeAttempts: Readonly<Record<string, string>> = {
  // Constructors that make code from text.
  'constructor of a function': 'return (() => {}).constructor("return this")();',
  'constructor of the own function': 'return attempt.constructor("return globalThis")();',
  'constructor chain from this': 'return this.constructor.constructor("return process")();',
  'constructor chain from an object': 'return ({}).constructor.constructor("return process")();',
  'constructor chain from a text': 'return "".sub.constructor("return process")();',
  'constructor chain from an argument': 'return input.constructor.constructor("return process")();',
  'constructor chain from an argument list': 'return [].at.call([input]).constructor.constructor("return this")();',
  'constructor of an async function': 'return (async () => {}).constructor("return globalThis")();',
  'constructor of a generator': 'return (function* () {}).constructor("yield globalThis")().next().value;',
  'constructor of an async generator': 'return (async function* () {}).constructor("yield globalThis")().next();',
  'constructor by a computed key': 'return (() => {})["con" + "structor"]("return globalThis")();',
  'constructor by destructuring': 'const { constructor } = () => {}; return constructor("return globalThis")();',
  'constructor by Reflect.get': 'return Reflect.get(() => {}, "constructor")("return globalThis")();',
  'constructor by Reflect.construct': 'return Reflect.construct((() => {}).constructor, ["return globalThis"])();',
  'constructor by getOwnPropertyDescriptor':
    'return Object.getOwnPropertyDescriptor(Object.getPrototypeOf(() => {}), "constructor").value("return globalThis")();',
  'constructor of a class': 'return (class {}).constructor("return globalThis")();',
  'constructor of a bound function': 'return (() => {}).bind().constructor("return globalThis")();',
  'constructor of a method of Proxy': 'return Proxy.revocable({}, {}).revoke.constructor("return globalThis")();',
  'constructor of a getter':
    'return Object.getOwnPropertyDescriptor(Map.prototype, "size").get.constructor("return globalThis")();',
  'restored constructor':
    'delete Object.getPrototypeOf(() => {}).constructor; return (() => {}).constructor("return globalThis")();',
  'the name Function': 'return Function("return globalThis")();',
  'direct eval': 'return eval("globalThis");',
  'indirect eval': 'return (0, eval)("globalThis");',
  'eval from the global object': 'return globalThis.eval("globalThis");',
  'timer with text': 'return setTimeout("globalThis.process", 0);',
  // Globals and modules.
  'this of a plain call': 'return (function () { return this; })();',
  globalThis: 'return globalThis;',
  'process by name': 'return { process };',
  'require by name': 'return { require: require("node:module").createRequire("/") };',
  'module by name': 'return module.constructor._load("child_process");',
  'main module': 'return process.mainModule.require("child_process");',
  bindings: 'return process.binding("spawn_sync");',
  'dynamic import': 'return import("node:child_process");',
  'dynamic import of data': 'return import("data:text/javascript,export default globalThis");',
  'import.meta': 'return import.meta;',
  'standard module of the interpreter': 'return { process: std.getenv("PATH") };',
  'operating system module of the interpreter': 'return os.exec(["id"]);',
  'loading a script': 'return loadScript("/etc/passwd");',
  printing: 'return print("escaped");',
  'arguments of callers': 'return arguments.callee.caller.arguments;',
  'caller of a function': 'function inner() { return inner.caller; } return inner();',
  // Errors and their stacks.
  prepareStackTrace: 'Error.prepareStackTrace = (_, sites) => sites; return new Error().stack[0].getThis();',
  'prepareStackTrace and its function':
    'Error.prepareStackTrace = (_, sites) => sites[0].getFunction(); return { require: new Error().stack };',
  'prepareStackTrace of an overflow':
    'Error.prepareStackTrace = (_, sites) => sites; function f() { return f(); } try { f(); } catch (e) { return e.stack.at(-1).getThis(); }',
  captureStackTrace:
    'const o = {}; Error.captureStackTrace(o); return o.stack.constructor.constructor("return globalThis")();',
  'error of the host from an overflow':
    'function f() { f(); } try { f(); } catch (e) { return e.constructor.constructor("return process")(); }',
  'error of the host from parsing':
    'try { JSON.parse("{"); } catch (e) { return e.constructor.constructor("return process")(); }',
  'error of the host from an invalid date':
    'try { new Date(NaN).toISOString(); } catch (e) { return e.constructor.constructor("return process")(); }',
  'error of the host from memory':
    'try { new ArrayBuffer(2 ** 40); } catch (e) { return e.constructor.constructor("return process")(); }',
  'name of an error with a hook':
    'const e = new Error(); e.name = { toString() { return e.constructor.constructor("return process")(); } }; throw e;',
  'thrown proxy':
    'throw new Proxy({}, { get: (_, key) => key === "message" ? (() => {}).constructor("return process")() : undefined });',
  'thrown with a hostile prototype':
    'throw Object.setPrototypeOf(new Error("x"), new Proxy({}, { get() { return globalThis; } }));',
  // Prototypes, proxies, symbols.
  'prototype pollution':
    'Object.prototype.polluted = "ESCAPED"; return ({}).polluted === input.polluted ? globalThis : 0;',
  'pollution through __proto__': 'input.__proto__.polluted = "ESCAPED"; return globalThis;',
  'pollution through constructor.prototype': 'input.constructor.prototype.polluted = "ESCAPED"; return globalThis;',
  'pollution of arrays':
    'Array.prototype.map = () => ["ESCAPED"]; Array.prototype[Symbol.iterator] = () => ({}); return globalThis;',
  'pollution of JSON': 'JSON.stringify = () => "ESCAPED"; JSON.parse = () => globalThis; return globalThis;',
  'pollution of texts':
    'String.prototype.startsWith = () => true; String.prototype.slice = () => "ESCAPED"; return globalThis;',
  'result with __proto__': 'return JSON.parse(\'{"__proto__": {"polluted": "ESCAPED"}}\');',
  'result with nested __proto__': 'return { list: [JSON.parse(\'{"__proto__": {"polluted": "ESCAPED"}}\')] };',
  'result with constructor.prototype': 'return { constructor: { prototype: { polluted: "yes" } } };',
  'proxy as result':
    'return new Proxy({}, { ownKeys: () => ["process"], get: () => globalThis, getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 1 }) });',
  'proxy over an argument':
    'return new Proxy(input, { get: (target, key, receiver) => receiver.constructor }).process;',
  'getPrototypeOf trap':
    'return new Proxy({}, { getPrototypeOf: () => globalThis }) instanceof Object ? globalThis : 0;',
  'species of arrays':
    'class A extends Array { static get [Symbol.species]() { return (() => {}).constructor; } } return new A(1).map(() => "return globalThis");',
  toPrimitive: 'return { [Symbol.toPrimitive]: () => globalThis } + "";',
  hasInstance: 'return input instanceof { [Symbol.hasInstance]: () => globalThis };',
  unscopables: 'return Array.prototype[Symbol.unscopables].constructor.constructor("return globalThis")();',
  'global symbol registry':
    'return { require: Symbol.for("nodejs.util.inspect.custom").description.constructor.constructor("return process")() };',
  'inspect hook':
    'return { [Symbol.for("nodejs.util.inspect.custom")]: (depth, options, inspect) => inspect.constructor("return process")() };',
  // What is done with the result.
  'toJSON that reaches for the caller':
    'return { toJSON() { return this.constructor.constructor("return process")(); } };',
  'toJSON on every object': 'Object.prototype.toJSON = () => globalThis; return {};',
  'toString on the result': 'return { toString: () => "ESCAPED", valueOf: () => globalThis };',
  'getter on the result': 'return { get process() { return globalThis.process; } };',
  'then on the result': 'return { then(resolve) { resolve.constructor("return process")(); } };',
  'async function': 'return (async () => globalThis)();',
  'raw JSON': 'return JSON.rawJSON("globalThis");',
  'text that looks like the answer of the prelude':
    'return \'value{"process":{"version":"ESCAPED"}}\'.length > 0 ? globalThis : 0;',
  'seed in the input': 'return { process: seed };',
  // Memory, threads, native code.
  WebAssembly:
    'return new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0])));',
  'shared memory': 'return new SharedArrayBuffer(8).constructor.constructor("return process")();',
  'waiting for shared memory': 'return Atomics.wait(new Int32Array(new SharedArrayBuffer(8)), 0, 0);',
  'reading behind a buffer': 'const view = new DataView(new ArrayBuffer(8)); return view.getUint32(2 ** 31);',
  'resizing beneath a sort':
    'const buffer = new ArrayBuffer(64, { maxByteLength: 1024 }); const view = new Uint8Array(buffer); view.sort(() => { buffer.resize(0); return 1; }); return view;',
  'transferring beneath a fill':
    'const buffer = new ArrayBuffer(64); const view = new Uint8Array(buffer); view.fill({ valueOf() { buffer.transfer?.(0); return 1; } }); return view;',
  'shrinking beneath a concat':
    'const list = Array(1000).fill(1); Object.defineProperty(list, 500, { get() { list.length = 0; return 1; } }); return list.concat(list).length;',
  'weak references': 'return new WeakRef(globalThis).deref();',
  finalization: 'return new FinalizationRegistry((held) => held.constructor("return process")());',
  'breaking out of the body': '} ); globalThis.process = { version: "ESCAPED" }; ( function () { return 1;',
  'html comments': '<!-- return 1\nreturn globalThis;',
  'unicode names': 'return g\\u006cobalThis;',
};
