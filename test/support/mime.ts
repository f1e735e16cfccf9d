/** One part of a mail, decoded. */
export interface MimePart {
  /** `text/html; charset=utf-8`. */
  readonly type: string;
  readonly text: string;
}

/** The parts of a message as it came; the message itself when it is not made of parts. */
export function partsOf(message: string): MimePart[] {
  const { head, body } = split(message);
  const type = header(head, 'Content-Type');
  const boundary = /boundary="([^"]+)"/.exec(type)?.[1];
  if (boundary === undefined) return [{ type, text: decoded(body, header(head, 'Content-Transfer-Encoding')) }];
  return body
    .split(`--${boundary}`)
    .slice(1, -1)
    .flatMap((part) => partsOf(part.replace(/^\r\n/, '').replace(/\r\n$/, '')));
}

/** The value of a message's header, on one line; empty when there is none. */
export const headerOf = (message: string, name: string): string => header(split(message).head, name);

const split = (message: string): { readonly head: string; readonly body: string } => {
  const end = message.indexOf('\r\n\r\n');
  return { head: message.slice(0, end), body: message.slice(end + 4) };
};

const header = (head: string, name: string): string =>
  new RegExp(`^${name}: (.*)$`, 'im').exec(head.replace(/\r\n(?=[ \t])/g, ''))?.[1] ?? '';

const decoded = (body: string, encoding: string): string => {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, code: string) => String.fromCharCode(parseInt(code, 16)));
  return Buffer.from(bytes, 'latin1').toString();
};
