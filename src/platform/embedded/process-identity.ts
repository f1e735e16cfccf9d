import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** What the operating system says of a running process. */
export interface ProcessIdentity {
  /** Differs between two processes that were given the same pid one after the other. */
  readonly startedAt: string;
  /** The command and its arguments, in one string. */
  readonly command: string;
}

/** The identity of a running process; `undefined` when there is none, or only its unreaped remains. */
export const identify = (pid: number): ProcessIdentity | undefined =>
  process.platform === 'linux' ? identifyByProc(pid) : identifyByPs(pid);

// /proc, because slim images have no `ps`.
const identifyByProc = (pid: number): ProcessIdentity | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may itself hold spaces and parentheses; the fields are counted from behind it.
    const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (state === 'Z' || state === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
    return { startedAt: fields[18] ?? '', command };
  } catch {
    return undefined;
  }
};

const identifyByPs = (pid: number): ProcessIdentity | undefined => {
  try {
    const line = execFileSync('ps', ['-ww', '-o', 'stat=,lstart=,command=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { LC_ALL: 'C', PATH: '/bin:/usr/bin' },
    });
    const [, state, startedAt, command] = /^\s*(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/s.exec(line) ?? [];
    if (!startedAt || !command || state?.startsWith('Z')) return undefined;
    return { startedAt: startedAt.replace(/\W/g, ''), command: command.trim() };
  } catch {
    return undefined;
  }
};
