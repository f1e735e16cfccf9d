// How results look: aligned tables for people, one JSON file for machines.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';

/** The middle of the values; of an even number the mean of the two in the middle. */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** The median of each member over several rounds of one thing. */
export const medians = (rounds) =>
  Object.fromEntries(Object.keys(rounds[0]).map((key) => [key, median(rounds.map((round) => round[key]))]));

/** How one thing stands to another: the median over the rounds, each with the one beside it, so that drift cancels out. */
export const ratio = (rounds, beside, key) => median(rounds.map((round, index) => round[key] / beside[index][key]));

/** A figure that has to reach a goal: `atLeast` or `atMost`. */
export const goal = (name, measured, { atLeast = -Infinity, atMost = Infinity }) => ({
  name,
  measured,
  ...(atLeast === -Infinity ? { atMost } : { atLeast }),
  isMet: measured >= atLeast && measured <= atMost,
});

export const machine = () => ({
  processor: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  platform: `${process.platform}-${process.arch}`,
  node: process.version,
  /** Processes that wanted to run in the last minute; to be read before the bench loads the machine itself. */
  load: loadavg()[0],
});

/** Prints one scenario's rows and goals. */
export const print = ({ title, rows, goals, notes = [] }) => {
  console.log(`\n${title}`);
  printTable(rows.map((row) => mapValues(row, shown)));
  printTable(
    goals.map(({ name, measured, atLeast, atMost, isMet }) => ({
      goal: name,
      wanted: atLeast === undefined ? `≤ ${shown(atMost)}` : `≥ ${shown(atLeast)}`,
      measured: shown(measured),
      '': isMet ? 'met' : 'NOT MET',
    })),
  );
  for (const note of notes) console.log(`  ${note}`);
};

const printTable = (rows) => {
  if (rows.length === 0) return;
  const columns = Object.keys(rows[0]);
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    cells.map((cell, index) => (index === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[index])));
  for (const cells of [columns, ...rows.map((row) => columns.map((column) => row[column]))]) {
    console.log(`  ${line(cells).join('  ').trimEnd()}`);
  }
  console.log();
};

const shown = (value) => {
  if (typeof value !== 'number') return String(value);
  return value.toLocaleString('en', { maximumFractionDigits: value >= 100 ? 0 : 2 });
};

const mapValues = (object, map) => Object.fromEntries(Object.entries(object).map(([key, value]) => [key, map(value)]));

/** Writes everything to `bench/results/` and gives the path. */
export const write = (report) => {
  const folder = join(import.meta.dirname, '..', 'results');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${report.startedAt.replaceAll(/[:.]/g, '-')}.json`);
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  return file;
};
