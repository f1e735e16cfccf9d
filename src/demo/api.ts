import type { JsonValue } from '../kernel/json.js';
import { brief, say } from './narration.js';

const PAGE = 100;

/** What is sent: JSON, or a body of another type as it stands. */
interface Request {
  readonly json?: JsonValue;
  readonly ndjson?: string;
}

interface ListAnswer<T> {
  readonly data: readonly T[];
  readonly pagination: { readonly total?: number; readonly nextCursor?: string };
}

/** Calls the REST API of an instance as one signed-in person. */
export class Api {
  private token = '';

  /** @param url of the instance, `http://127.0.0.1:3000` */
  constructor(readonly url: string) {}

  /** @throws Error when the person is not let in */
  async signIn(email: string, password: string): Promise<void> {
    const answer = await this.send('POST', '/auth/login', { json: { email, password } });
    const { access_token: token, ...rest } = (await answer.json()) as { access_token: string };
    this.token = token;
    say(`POST /api/v1/auth/login {"email":"${email}", …} → ${answer.status}`);
    say(`  ${brief({ ...rest, refresh_token: '…', access_token: `${token.slice(0, 12)}…` })}`);
  }

  /** Calls a route, and tells it with its answer. @returns the answer's data */
  async tell<T>(method: string, path: string, request: Request = {}): Promise<T> {
    const answer = await this.send(method, path, request);
    const body = (await answer.json()) as { data?: T };
    const data = body.data ?? (body as T);
    say(`${method} /api/v1${path} → ${answer.status}`);
    say(`  ${brief(data)}`);
    return data;
  }

  /** Reads a route. */
  async get<T>(path: string): Promise<T> {
    const body = (await (await this.send('GET', path)).json()) as { data?: T };
    return body.data ?? (body as T);
  }

  /** How many items a list has. */
  async total(path: string): Promise<number> {
    const { pagination } = (await (await this.send('GET', withQuery(path, 'limit=1'))).json()) as ListAnswer<unknown>;
    return pagination.total ?? 0;
  }

  /** Reads a list to its end, page by page. */
  async *items<T>(path: string): AsyncGenerator<T> {
    for (let more: string | undefined = ''; more !== undefined;) {
      const page = withQuery(path, `limit=${PAGE}${more}`);
      const { data, pagination } = (await (await this.send('GET', page)).json()) as ListAnswer<T>;
      yield* data;
      more = pagination.nextCursor === undefined ? undefined : `&cursor=${pagination.nextCursor}`;
    }
  }

  /** The lines of a route that answers NDJSON. */
  async lines<T>(path: string): Promise<readonly T[]> {
    const text = await (await this.send('GET', path)).text();
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as T);
  }

  private async send(method: string, path: string, { json, ndjson }: Request = {}): Promise<Response> {
    const answer = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token && { authorization: `Bearer ${this.token}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
        ...(ndjson !== undefined && { 'content-type': 'application/x-ndjson' }),
      },
      body: json === undefined ? ndjson : JSON.stringify(json),
    });
    if (answer.ok) return answer;
    throw new Error(`${method} /api/v1${path} → ${answer.status}: ${brief(await answer.text(), 500)}`);
  }
}

const withQuery = (path: string, query: string): string => `${path}${path.includes('?') ? '&' : '?'}${query}`;
