import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const root = dirname(import.meta.dirname);

const SOURCES = [
  { from: 'src', to: '' },
  { from: 'migrations', to: 'migrations' },
];
const SPEC = /\.(spec|int-spec|e2e-spec|crash-spec)\.ts$/;

/** Whether `dist` was built from the sources as they are now. */
export const isBuilt = () => read(join(root, 'dist', '.stamp')) === fingerprintSources();

/** Tells one state of the sources from another. */
export const fingerprintSources = () => fingerprint(listSources());

/**
 * Compiles `src` into `dist` and `migrations` into `dist/migrations`, without specs. All is written into a new folder
 * that takes the old one's place in the end: a killed build leaves no half `dist`, and nothing stale stays behind.
 */
export const build = async () => {
  const { transformFile } = await import('@swc/core');
  const growing = join(root, `dist.new-${process.pid}`);
  const old = join(root, `dist.old-${process.pid}`);
  removeLeftovers();
  const sources = listSources();
  // Taken before compiling: a file that is saved meanwhile must look changed to the next run.
  const stamp = fingerprint(sources);
  try {
    mkdirSync(growing);
    await Promise.all(sources.map((source) => compile(source, growing, transformFile)));
    writeFileSync(join(growing, '.stamp'), stamp);
    if (existsSync(join(root, 'dist'))) renameSync(join(root, 'dist'), old);
    renameSync(growing, join(root, 'dist'));
  } finally {
    rmSync(growing, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
  return sources.length;
};

const compile = async ({ from, to }, growing, transformFile) => {
  const target = join(growing, to);
  mkdirSync(dirname(target), { recursive: true });
  if (!from.endsWith('.ts')) return cpSync(from, target);
  const output = target.replace(/\.ts$/, '.js');
  const sourceFileName = relative(dirname(join(root, 'dist', to)), from);
  const { code, map } = await transformFile(from, { configFile: join(root, '.swcrc'), sourceFileName });
  const name = output.slice(dirname(output).length + 1);
  writeFileSync(output, `${code}//# sourceMappingURL=${name}.map\n`);
  writeFileSync(`${output}.map`, map);
};

const listSources = () =>
  SOURCES.flatMap(({ from, to }) => {
    if (!existsSync(join(root, from))) return [];
    return readdirSync(join(root, from), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !SPEC.test(entry.name) && !entry.name.endsWith('.d.ts'))
      .map((entry) => {
        const path = join(entry.parentPath ?? entry.path, entry.name);
        return { from: path, to: join(to, relative(join(root, from), path)) };
      });
  }).sort((one, other) => (one.from < other.from ? -1 : 1));

const fingerprint = (sources) => {
  const hash = createHash('sha256').update(readFileSync(join(root, '.swcrc')));
  for (const { from, to } of sources) hash.update(`\0${to}\0`).update(read(from) ?? '');
  return hash.digest('hex');
};

const removeLeftovers = () => {
  for (const name of readdirSync(root)) {
    if (/^dist\.(new|old)-\d+$/.test(name)) rmSync(join(root, name), { recursive: true, force: true });
  }
};

const read = (path) => {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
};
