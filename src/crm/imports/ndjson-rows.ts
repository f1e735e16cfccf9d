import type { Readable } from 'node:stream';
import { DomainError, malformed } from '../../kernel/domain-error.js';
import type { JsonObject } from '../../kernel/json.js';
import { readJsonBody } from '../../platform/http/json-body.js';
import { decodedText } from './decoded-text.js';
import { type ImportRow, MAX_LINE_LENGTH } from './import-row.js';

/** The rows of an upload with one JSON object on each line; empty lines are left out. @throws malformed `line-too-long` */
export async function* ndjsonRows(body: Readable): AsyncGenerator<ImportRow> {
  let line = 0;
  for await (const text of linesOf(body)) {
    line += 1;
    if (text.trim() !== '') yield rowOf(line, text);
  }
}

async function* linesOf(body: Readable): AsyncGenerator<string> {
  let rest = '';
  for await (const text of decodedText(body)) {
    const lines = (rest + text).split('\n');
    rest = lines.pop()!;
    yield* lines;
    if (rest.length > MAX_LINE_LENGTH) throw malformed('line-too-long', 'A line of the upload is longer than 1 MiB.');
  }
  yield rest;
}

function rowOf(line: number, text: string): ImportRow {
  try {
    return { line, content: readJsonBody(Buffer.from(text)) as JsonObject };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    return { line, content: text.toWellFormed().replaceAll('\0', '\uFFFD'), fault: error.message };
  }
}
