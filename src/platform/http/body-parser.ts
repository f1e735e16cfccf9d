import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream';
import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { DomainError } from '../../kernel/domain-error.js';
import { readJsonBody } from './json-body.js';

/** Largest JSON body, in bytes. */
export const JSON_BODY_LIMIT = 1024 * 1024;

/** Largest streamed body, in bytes. */
export const STREAM_BODY_LIMIT = 1024 ** 3;

/** What a route marked `@StreamedBody()` takes. */
export const STREAM_TYPES = ['text/csv', 'application/x-ndjson'];

/** Makes JSON, and streams where a route wants them, the only bodies that are read; all others are answered 415. */
export function addBodyParsers(instance: FastifyInstance): void {
  instance.removeAllContentTypeParsers();
  instance.decorateRequest('bodyBytes');
  instance.addHook('onRoute', (route) => {
    const { jsonBodyLimit } = route.config ?? {};
    if (jsonBodyLimit !== undefined) route.bodyLimit = jsonBodyLimit;
  });
  instance.addContentTypeParser<Buffer>(
    'application/json',
    { parseAs: 'buffer', bodyLimit: JSON_BODY_LIMIT },
    (request, bytes, done) => {
      assertReadable(request, false);
      if (request.route?.config.keepsBodyBytes) request.bodyBytes = bytes;
      done(null, readJsonBody(bytes));
    },
  );
  instance.addContentTypeParser(STREAM_TYPES, (request, payload, done) => {
    assertReadable(request, true);
    done(null, limited(payload, Number(request.headers['content-length'])));
  });
}

function assertReadable(request: FastifyRequest, isStream: boolean): void {
  const type = request.headers['content-type'] ?? '';
  const charset = type.includes(';') ? charsetOf(type) : 'utf-8';
  const encoding = request.headers['content-encoding'] ?? 'identity';
  const takesStream = request.route?.config.takesStream === true;
  if (takesStream !== isStream) {
    throw new UnsupportedMediaTypeException(`Send ${takesStream ? STREAM_TYPES.join(' or ') : 'application/json'}.`);
  }
  if (!/^utf-?8$/i.test(charset)) throw new UnsupportedMediaTypeException(`Send the body in UTF-8, not in ${charset}.`);
  if (encoding !== 'identity') throw new UnsupportedMediaTypeException('Send the body without Content-Encoding.');
}

const charsetOf = (type: string): string => /;\s*charset\s*=\s*"?([^";\s]+)/i.exec(type)?.[1] ?? 'utf-8';

/** The payload, ending in an error once more bytes came than a stream may have. */
function limited(payload: Readable, announcedBytes: number): Readable {
  const tooLarge = new DomainError('too-large', 'body-too-large', 'The body is larger than 1 GiB; send it in parts.');
  if (announcedBytes > STREAM_BODY_LIMIT) throw tooLarge;
  let bytes = 0;
  const limit = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > STREAM_BODY_LIMIT ? tooLarge : null, chunk);
    },
  });
  // The reader of the stream sees an error of either side.
  return pipeline(payload, limit, () => undefined);
}
