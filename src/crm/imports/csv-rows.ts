import { Readable } from 'node:stream';
import { CsvError, type InfoRecord, parse } from 'csv-parse';
import { malformed } from '../../kernel/domain-error.js';
import { type ColumnMapping, mapColumns, mapRecord } from './column-mapping.js';
import { decodedText } from './decoded-text.js';
import { type ImportRow, MAX_LINE_LENGTH } from './import-row.js';

interface CsvRecord {
  readonly record: string[];
  readonly info: InfoRecord;
}

/**
 * The rows of an upload in CSV (RFC 4180) whose first record names the columns.
 * @throws malformed `invalid-csv`, and whatever is wrong with the columns
 */
export async function* csvRows(
  body: Readable,
  mapping: Readonly<Record<string, string | null>> | undefined,
): AsyncGenerator<ImportRow> {
  let columns: ColumnMapping | undefined;
  let line = 1;
  for await (const { record, info } of recordsOf(body)) {
    if (columns) yield rowOf(line, record, columns);
    else columns = mapColumns(record, mapping);
    line = info.lines + 1;
  }
  if (!columns) throw malformed('empty-body', 'The upload is empty; its first line must name the columns.');
}

async function* recordsOf(body: Readable): AsyncGenerator<CsvRecord> {
  const parser = parse({
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: MAX_LINE_LENGTH,
  });
  const source = Readable.from(decodedText(body));
  source.on('error', (error) => parser.destroy(error));
  source.pipe(parser);
  try {
    yield* parser as AsyncIterable<CsvRecord>;
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    throw malformed('invalid-csv', `The upload is no CSV: ${error.message}.`);
  }
}

function rowOf(line: number, record: string[], columns: ColumnMapping): ImportRow {
  if (record.length !== columns.length) {
    const fault = `The row has ${record.length} columns, the header ${columns.length}.`;
    return { line, content: record.map(withoutNul), fault };
  }
  if (record.some((text) => text.includes('\0'))) {
    return { line, content: record.map(withoutNul), fault: 'A text holds the character NUL.' };
  }
  return { line, content: mapRecord(record, columns) };
}

const withoutNul = (text: string): string => text.replaceAll('\0', '\uFFFD');
