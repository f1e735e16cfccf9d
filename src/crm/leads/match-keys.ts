import parsePhoneNumber from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min';

/** What leads are compared by. */
export interface MatchKeys {
  readonly foldedEmail: string;
  /** Null without a phone number, or for one that no country code or rule makes out. */
  readonly phoneE164: string | null;
  /** Null without a website. */
  readonly websiteDomain: string | null;
}

interface MailProvider {
  /** Its main domain, when it has several for one mailbox. */
  readonly domain?: string;
  readonly ignoresDots: boolean;
}

/** Providers that deliver `name+tag@` to `name@`. For all others the part before the @ counts as it stands. */
const providers: ReadonlyMap<string, MailProvider> = new Map([
  ['gmail.com', { ignoresDots: true }],
  ['googlemail.com', { domain: 'gmail.com', ignoresDots: true }],
  ['outlook.com', { ignoresDots: false }],
  ['hotmail.com', { ignoresDots: false }],
  ['live.com', { ignoresDots: false }],
  ['icloud.com', { ignoresDots: false }],
  ['me.com', { domain: 'icloud.com', ignoresDots: false }],
  ['mac.com', { domain: 'icloud.com', ignoresDots: false }],
  ['fastmail.com', { ignoresDots: false }],
  ['proton.me', { ignoresDots: false }],
  ['protonmail.com', { domain: 'proton.me', ignoresDots: false }],
  ['pm.me', { domain: 'proton.me', ignoresDots: false }],
]);

/** The mailbox behind an address: without case, and for known providers without tags and meaningless dots. */
export function foldEmail(email: string): string {
  const folded = email.normalize('NFKC').toLowerCase();
  const at = folded.lastIndexOf('@');
  const domain = folded.slice(at + 1);
  const provider = providers.get(domain);
  if (at < 1 || !provider) return folded;
  const [name] = folded.slice(0, at).split('+') as [string];
  const mailbox = provider.ignoresDots ? name.replaceAll('.', '') : name;
  return mailbox === '' ? folded : `${mailbox}@${provider.domain ?? domain}`;
}

/** A phone number in the form of E.164, `+14155552671`; null when it has no country code or no possible length. */
export function phoneE164(phone: string): string | null {
  const number = parsePhoneNumber(phone, metadata);
  return number?.isPossible() ? number.number : null;
}

/**
 * The host of a web address, without `www.` and in ASCII; the scheme may be left out.
 * @returns null for what is no address of the web
 */
export function websiteDomain(website: string): string | null {
  const hasScheme = /^[a-z][a-z\d+.-]*:/i.test(website) && !/^[^/]+:\d+(\/|$)/.test(website);
  const url = URL.parse(hasScheme ? website : `https://${website}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '') return null;
  const host = url.hostname.replace(/\.$/, '').replace(/^www\./, '');
  return host.includes('.') ? host : null;
}
