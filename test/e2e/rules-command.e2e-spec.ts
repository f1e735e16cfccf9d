import { execFile } from 'node:child_process';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApplication, type TestApplication } from '../support/application.js';

let proviso: TestApplication;
let folder: string;
let bundleFile: string;

interface Bundle {
  readonly rules: readonly { readonly key: string; readonly priority: number }[];
}
interface Ended {
  readonly exitCode: number;
  readonly output: string;
  readonly errors: string;
}

/** Each run starts the program anew. */
const SLOW_MACHINE_MS = 120_000;

/** `npm run cli -- rules …`, on the database of the tests. */
const rules = (...words: string[]): Promise<Ended> =>
  new Promise((done) => {
    const env = {
      PATH: process.env.PATH,
      NODE_ENV: 'test',
      DATABASE_URL: proviso.database.url,
      DATA_FOLDER: folder,
      LOG_LEVEL: 'silent',
      DB_POOL_SIZE: '4',
    };
    execFile(process.execPath, [resolve('dist/cli.js'), 'rules', ...words], { env }, (error, output, errors) => {
      done({ exitCode: error ? Number(error.code) : 0, output, errors });
    });
  });

beforeAll(async () => {
  proviso = await startApplication();
  folder = await mkdtemp(join(process.env.TEST_FOLDER!, 'rules-'));
  bundleFile = join(folder, 'bundle.json');
  for (const priority of [1, 2]) {
    const response = await proviso.call('post', '/business-rules').send({
      name: `Rule ${priority}`,
      entryPoint: 'crm.lead.created',
      priority,
      condition: true,
      actions: [{ type: 'adjust_field', parameters: { field: 'lead.score', by: priority } }],
      publish: true,
    });
    expect(response.status).toBe(201);
  }
});

afterAll(() => proviso.stop());

describe('rules as files', () => {
  it(
    'are exported the same each time, and an import of them has nothing to do',
    async () => {
      expect(await rules('export', '--organization', 'demo', '--output', bundleFile)).toMatchObject({ exitCode: 0 });
      const text = await readFile(bundleFile, 'utf8');
      const printed = await rules('export', '--organization', 'demo', '--entry-point', 'crm.lead.created');
      expect(printed.output).toBe(text);
      const dry = await rules('import', '--organization', 'demo', '--file', bundleFile, '--dry-run', '--publish');
      expect(dry).toMatchObject({ exitCode: 0, errors: '' });
      expect(dry.output).toMatch(/^Would be: 0 created, 0 revised, 0 published, \d+ unchanged, 0 refused\.\n$/);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'tell a pipeline by the exit code whether something would change, is refused, or was done',
    async () => {
      const bundle = JSON.parse(await readFile(bundleFile, 'utf8')) as Bundle;
      const changed = bundle.rules.map((rule) => (rule.priority === 2 ? { ...rule, priority: 20 } : rule));
      const changedFile = join(folder, 'changed.json');
      await writeFile(changedFile, JSON.stringify({ ...bundle, rules: changed }));
      const options = ['--organization', 'demo', '--file', changedFile];
      const dry = await rules('import', ...options, '--dry-run');
      expect(dry.exitCode).toBe(1);
      expect(dry.output).toContain('revised rule');
      expect(dry.output).toContain('{"op":"replace","path":"/priority","value":20}');
      const done = await rules('import', ...options, '--json');
      expect(done.exitCode).toBe(0);
      expect(JSON.parse(done.output)).toMatchObject({ applied: true, revised: 1 });
      expect((await rules('import', ...options, '--dry-run')).exitCode).toBe(0);

      const id = bundle.rules.find(({ priority }) => priority === 2)!.key;
      const diff = await rules('diff', '--organization', 'demo', '--rule', id);
      expect(diff).toMatchObject({ exitCode: 1 });
      expect(diff.output).toBe('Version 1 → 2\n{"op":"replace","path":"/priority","value":20}\n');
      expect((await rules('diff', '--organization', 'demo', '--rule', id, '--from', '2')).exitCode).toBe(0);
    },
    SLOW_MACHINE_MS,
  );

  it(
    'are refused with the place of each fault',
    async () => {
      const bundle = JSON.parse(await readFile(bundleFile, 'utf8')) as Bundle;
      const faultyFile = join(folder, 'faulty.json');
      const faulty = [{ ...bundle.rules[0]!, entryPoint: 'shop.no.where' }];
      await writeFile(faultyFile, JSON.stringify({ ...bundle, rules: faulty }));
      const refused = await rules('import', '--organization', 'demo', '--file', faultyFile);
      expect(refused.exitCode).toBe(1);
      expect(refused.errors).toContain('#/bundle/rules/0/entryPoint');
      await writeFile(faultyFile, '{"format":"proviso-rules",}');
      expect((await rules('import', '--organization', 'demo', '--file', faultyFile)).exitCode).toBe(1);
      expect((await rules('import', '--organization', 'nobody', '--file', bundleFile)).exitCode).toBe(1);
    },
    SLOW_MACHINE_MS,
  );
});
