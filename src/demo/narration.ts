const WIDTH = 110;

/** Writes one line of the story. */
export const say = (line = ''): void => void process.stdout.write(`${line}\n`);

/** Begins a part of the story. */
export const chapter = (title: string): void =>
  say(`\n── ${title} ${'─'.repeat(Math.max(0, WIDTH - title.length - 4))}`);

/** A value on one line, cut where it gets long. */
export function brief(value: unknown, width = WIDTH): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > width ? `${text.slice(0, width - 1)}…` : text;
}

/** A whole number as people read it, `9,240`. */
export const count = (value: number): string => value.toLocaleString('en-US');

/** Something and its number, `1 lead`, `2 leads`. */
export const counted = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
