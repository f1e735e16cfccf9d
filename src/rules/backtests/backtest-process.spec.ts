import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../test/support/eventually.js';
import { BacktestProcess } from './backtest-process.js';
import type { ComparerStart } from './backtest-process.messages.js';

const place = { at: '2026-01-01T00:00:00.000Z', id: '00000000-0000-0000-0000-000000000000' };
/** Nobody listens there. */
const start: ComparerStart = {
  databaseUrl: 'postgres://127.0.0.1:1/none',
  assignment: {
    scope: { organizationId: place.id, entryPoint: 'any', to: '2200-01-01T00:00:00.000Z', sample: 1, cpuShare: 1 },
    cursor: place,
    ruleSet: { rules: [], actionTypes: [], failurePolicy: 'fail_open', functions: [] },
    draft: {
      id: place.id,
      version: 1,
      name: 'Rule',
      priority: 0,
      createdAt: place.at,
      enabled: true,
      stopOnMatch: false,
      condition: true,
      actions: [],
    },
    segmentPath: null,
  },
};
const WITHIN_MS = 20_000;

const processes: BacktestProcess[] = [];
const started = (): BacktestProcess => {
  const process = new BacktestProcess(start);
  processes.push(process);
  return process;
};
const pidOf = (process: BacktestProcess): number => (process as unknown as { child: { pid: number } }).child.pid;
const isThere = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

afterEach(() => Promise.all(processes.splice(0).map((process) => process.stop())));

describe('the process of a back-test', () => {
  it('says why it cannot go on, and nothing before', async () => {
    const process = started();
    expect(await process.next(1)).toBeUndefined();
    await expect(process.next(WITHIN_MS)).rejects.toThrow('ECONNREFUSED 127.0.0.1:1');
  });

  it('is not waited for once the work was called off', async () => {
    const process = started();
    const before = performance.now();
    expect(await process.next(WITHIN_MS, AbortSignal.abort())).toBeUndefined();
    expect(performance.now() - before).toBeLessThan(WITHIN_MS / 2);
  });

  it('is found dead, and stopped only once', async () => {
    const dying = started();
    process.kill(pidOf(dying), 'SIGKILL');
    await expect(dying.next(WITHIN_MS)).rejects.toThrow('The process of the back-test died');
    await dying.stop();
    await dying.stop();
  });

  it('ends with the process that started it, and not by a signal to both', async () => {
    const own = new URL('backtest-process.js', import.meta.url.replace('/src/', '/dist/')).href;
    const words = `
      const { BacktestProcess } = await import(${JSON.stringify(own)});
      const process = new BacktestProcess(${JSON.stringify(start)});
      await process.next(${WITHIN_MS}).catch(() => console.log(process.child.pid));
      setInterval(() => undefined, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '--eval', words], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [said] = (await once(parent.stdout, 'data')) as [Buffer];
    const pid = Number(said.toString());
    process.kill(pid, 'SIGTERM');
    process.kill(pid, 'SIGINT');
    await sleep(200);
    expect(isThere(pid)).toBe(true);
    parent.kill('SIGKILL');
    await eventually(() => expect(isThere(pid)).toBe(false));
  });

  const canGoLast = process.platform === 'linux' && spawnSync('chrt', ['--version']).status === 0;
  (canGoLast ? it : it.skip)('goes last in every thread', async () => {
    const process = started();
    await expect(process.next(WITHIN_MS)).rejects.toThrow();
    const threads = `/proc/${pidOf(process)}/task`;
    // proc_pid_stat(5): the 41st field is the scheduling policy, 5 is SCHED_IDLE; the name in the second may hold spaces.
    const policies = readdirSync(threads).map((thread) => {
      const stat = readFileSync(`${threads}/${thread}/stat`, 'utf8');
      return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[38];
    });
    expect(policies.length).toBeGreaterThan(1);
    expect(new Set(policies)).toEqual(new Set(['5']));
  });
});
