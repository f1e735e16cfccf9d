import { isIP } from 'node:net';
import { type AllowedTargets, plainHost } from './allowed-targets.js';
import { isPublicAddress } from './public-address.js';

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443 };
/** Below it stand the services of systems, mail and name servers among them, which must not be talked to in HTTP. */
const FIRST_FREE_PORT = 1024;
const LOCAL_NAME = /(^|\.)localhost$/;

/** What may be called from here. */
export interface OutboundPolicy {
  readonly allowed: AllowedTargets;
  /** `http:` is then for allowed private targets alone. */
  readonly isProduction: boolean;
}

/** The port that an address names or means. */
export const portOf = ({ port, protocol }: URL): number => (port === '' ? DEFAULT_PORTS[protocol]! : Number(port));

/** Whether an address that a host name led to may be called. */
export const mayCallAddress = ({ allowed }: OutboundPolicy, address: string): boolean =>
  isPublicAddress(address) || allowed.hasAddress(address);

/**
 * Why an address must not be called, judged before its name is looked up; undefined when nothing speaks against it.
 * The text is read as browsers do (WHATWG URL), so `0x7f.1`, `2130706433` and `①②⑦.0.0.1` are the hosts that they mean.
 */
export function faultOfTarget(text: string, policy: OutboundPolicy): string | undefined {
  if (!URL.canParse(text)) return 'It is no URL; write https://host/path.';
  const url = new URL(text);
  if (!(url.protocol in DEFAULT_PORTS)) return 'Only https and http can be called.';
  if (url.username !== '' || url.password !== '') return 'It must not hold a user name or password.';
  return policy.allowed.hasPlace(url.hostname, portOf(url)) ? undefined : faultOfPlace(url, policy);
}

function faultOfPlace(url: URL, policy: OutboundPolicy): string | undefined {
  const host = plainHost(url.hostname);
  const isAddress = isIP(host) !== 0;
  const isOpened = isAddress && policy.allowed.hasAddress(host);
  if (LOCAL_NAME.test(host)) return 'It names this machine itself.';
  if (isAddress && !mayCallAddress(policy, host)) return `${host} is no address of the public internet.`;
  if (url.protocol === 'http:' && policy.isProduction && !isOpened) return 'In production only https can be called.';
  if (!isOpened && !isUsualPort(url)) {
    return `Port ${portOf(url)} cannot be called; use 443, 80, or one from ${FIRST_FREE_PORT}.`;
  }
  return undefined;
}

const isUsualPort = (url: URL): boolean =>
  Object.values(DEFAULT_PORTS).includes(portOf(url)) || portOf(url) >= FIRST_FREE_PORT;
