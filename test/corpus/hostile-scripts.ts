/** Pieces that use up something; each is a statement in which `n` is a number from 1 to 1,000. */
const bombs: readonly string[] = [
  'for (;;);',
  'while (true) n++;',
  'do { n = Math.sqrt(n + 1); } while (n);',
  'for (const _ of { *[Symbol.iterator]() { for (;;) yield n; } });',
  'label: for (;;) { for (;;) continue label; }',
  'const held = []; for (;;) held.push(new Uint8Array(n));',
  'const held = []; for (;;) held.push(new Uint8Array(n * 1e3));',
  'const held = []; try { for (;;) held.push(new ArrayBuffer(1e6)); } catch { return held.length; }',
  'const held = []; for (;;) held.push("x".repeat(n) + held.length);',
  'let held = "x"; for (;;) held += held;',
  'let held = []; for (;;) held = [held, held];',
  'let held = {}; for (;;) held = { held };',
  'const held = new Map(); for (;;) held.set({}, n++);',
  'const held = new Set(); for (let i = 0; ; i++) held.add("key" + i);',
  'return Array(n * 1e4).fill("output").join();',
  'return "y".repeat(65_536 * n);',
  'return Array.from({ length: n * 1e3 }, (_, i) => ({ i }));',
  'function deep(depth) { return deep(depth + 1) + 1; } return deep(0);',
  'const deep = () => JSON.parse("[1]", deep); return deep();',
  'const deep = { toString() { return "" + deep; } }; return "" + deep;',
  'const deep = { get value() { return deep.value; } }; return deep.value;',
  'const deep = { toJSON() { return JSON.stringify(deep); } }; return deep;',
  'let deep = []; for (let i = 0; i < n * 100; i++) deep = [deep]; return deep;',
  'let deep = {}; for (let i = 0; i < n * 100; i++) deep = new Proxy(deep, {}); return deep.value;',
  'let deep = () => n; for (let i = 0; i < n * 100; i++) deep = deep.bind(null); return deep();',
  'return /^(a+)+$/.test("a".repeat(n) + "!");',
  'return /(.*)*\\1b/.test("a".repeat(n));',
  'return /^(([a-z])+.)+[A-Z]([a-z])+$/.test("a".repeat(n * 10));',
  'return "a".repeat(n * 100).replace(/a/g, (match, at, whole) => whole);',
  'return "a".repeat(n * 100).split("").map((_, i, all) => all.join());',
  'return [].indexOf.call({ length: 2 ** 53 - 1 }, n);',
  'return [].includes.call({ length: 2 ** 53 - 1 }, n);',
  'return [].sort.call({ length: 2 ** 32 }, () => n);',
  'return [].concat.apply([], Array(n * 10).fill(Array(n * 10).fill(n)));',
  'return Array(2 ** 32 - 1).join(n);',
  'return new Array(n * 1e5).fill(0).sort(() => Math.random() - 0.5);',
  'return (2n ** BigInt(n * 1e4)).toString().length;',
  'let big = 3n; for (;;) big *= big;',
  'return JSON.parse("[".repeat(n * 1e3));',
  'return new RegExp("(".repeat(n) + ")".repeat(n)).test("");',
  'return "x".padEnd(n * 1e6).normalize("NFKD").localeCompare("x");',
  'return encodeURIComponent("é".repeat(n * 1e3)).length;',
  'return structuredClone({ n });',
  'throw { n, toString: undefined };',
  'throw "z".repeat(n * 1e4);',
  'const cyclic = { n }; cyclic.cyclic = cyclic; return cyclic;',
  'return 10n ** BigInt(n);',
  'return Symbol(n);',
  'return [n / 0, -n / 0, n - n / 0 * 0, -0, undefined, () => n];',
  'return "\\ud800".repeat(n);',
  'return "\\0".repeat(n);',
];

/** Ways to run a piece. */
const wrappings: readonly ((piece: string) => string)[] = [
  (piece) => piece,
  (piece) => `try { ${piece} } catch (error) { return String(error); }`,
  (piece) => `try { ${piece} } catch { ${piece} } finally { n += 1; }`,
  (piece) => `const run = () => { ${piece} }; return [run(), run()];`,
  (piece) => `return { get first() { ${piece} } };`,
  (piece) => `return { toJSON() { ${piece} } };`,
  (piece) => `return new Proxy([], { get(target, key) { ${piece} } });`,
  (piece) => `function* run() { ${piece} } return [...run()];`,
  (piece) => `return [3, 2, 1].sort(() => { ${piece} });`,
  (piece) => `class Hostile { constructor() { ${piece} } } return new Hostile();`,
  (piece) => `throw { get message() { ${piece} }, toString() { ${piece} } };`,
];

/** So many bodies of functions, each of which uses up what it can; the same ones at each call. */
export function hostileScripts(count: number): string[] {
  let state = 20_261_125;
  const draw = (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, (_, i) => {
    const piece = bombs[i % bombs.length]!;
    const wrap = wrappings[Math.floor(i / bombs.length) % wrappings.length]!;
    const outer = draw(3) === 0 ? wrappings[draw(wrappings.length)]! : (inner: string) => inner;
    return `let n = ${1 + draw(1000)}; // ${i}\n${outer(wrap(piece))}`;
  });
}
