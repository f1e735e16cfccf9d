import { isIP } from 'node:net';
import ipaddr, { type IPv4, type IPv6 } from 'ipaddr.js';

const HOST_AND_PORT = /^(?<host>[\w.-]+|\[[0-9a-f:.]+\]):(?<port>\d{1,5})$/i;
const MAX_PORT = 65_535;
const ADDRESS_BITS = 128;
/** The unspecified addresses lead to this machine as well. */
const OWN_NETWORKS = ['127.0.0.0/8', '0.0.0.0/8', '::1/128', '::/128'].map((network) => ipaddr.parseCIDR(network));
const LOCAL_NAME = /(^|\.)localhost$/;

/** A host name in one spelling: lower case, without brackets and without the dot of the root. */
export const plainHost = (host: string): string => host.toLowerCase().replace(/^\[|\]$|\.$/g, '');

/** Whether a text is an entry of the list: a network (`10.0.0.0/8`, `fd00::/8`) or a host with its port. */
export function isAllowedTarget(entry: string): boolean {
  if (entry.includes('/')) {
    return ipaddr.IPv4.isValidCIDRFourPartDecimal(entry) || ipaddr.IPv6.isValidCIDR(entry);
  }
  const port = Number(HOST_AND_PORT.exec(entry)?.groups?.['port']);
  return port >= 1 && port <= MAX_PORT;
}

/** Whether an entry opens something of this machine itself. */
export function opensLoopback(entry: string): boolean {
  if (entry.includes('/')) return overlapsOwn(...ipaddr.parseCIDR(entry));
  const host = plainHost(HOST_AND_PORT.exec(entry)!.groups!['host']!);
  if (isIP(host) === 0) return LOCAL_NAME.test(host);
  return overlapsOwn(ipaddr.process(host), ADDRESS_BITS);
}

const overlapsOwn = (network: IPv4 | IPv6, bits: number): boolean =>
  OWN_NETWORKS.some(([own, ownBits]) => own.kind() === network.kind() && network.match(own, Math.min(bits, ownBits)));

/** The private targets that outbound calls may reach nevertheless. */
export class AllowedTargets {
  private readonly networks;
  private readonly places: ReadonlySet<string>;

  /** @param entries each as `isAllowedTarget` wants it */
  constructor(entries: readonly string[]) {
    this.networks = entries.filter((entry) => entry.includes('/')).map((entry) => ipaddr.parseCIDR(entry));
    this.places = new Set(entries.flatMap((entry) => placeOf(HOST_AND_PORT.exec(entry)?.groups)));
  }

  /** Whether this host may be called at this port, wherever it is. */
  hasPlace(host: string, port: number): boolean {
    return this.places.has(`${plainHost(host)}:${port}`);
  }

  /** Whether this address lies in a network that may be called at every port. */
  hasAddress(text: string): boolean {
    if (isIP(text) === 0) return false;
    const address = ipaddr.process(text);
    return this.networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits));
  }
}

const placeOf = (groups: Record<string, string> | undefined): string[] =>
  groups ? [`${plainHost(groups['host']!)}:${Number(groups['port'])}`] : [];
