import { isIP } from 'node:net';
import ipaddr, { type IPv6 } from 'ipaddr.js';

/** What the Internet Assigned Numbers Authority gives out for global unicast; the rest of IPv6 is for special ends. */
const GLOBAL_UNICAST = ipaddr.IPv6.parseCIDR('2000::/3');
/** Through which a network without IPv4 reaches the IPv4 address in the last 32 bits (RFC 6052). */
const TRANSLATED = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/**
 * Whether an address belongs to the public internet. Private, loopback, link-local, shared, multicast, reserved and
 * documentation networks do not; an IPv6 address that stands for an IPv4 one (mapped, NAT64) is judged by that one;
 * tunnels (6to4, Teredo) are refused whatever they lead to. A text that is no plain address is not public.
 */
export function isPublicAddress(text: string): boolean {
  if (isIP(text) === 0 || text.includes('%')) return false;
  const address = ipaddr.process(text);
  if (address.kind() === 'ipv4') return address.range() === 'unicast';
  const sixth = address as IPv6;
  if (sixth.match(TRANSLATED)) return isPublicAddress(sixth.toByteArray().slice(-4).join('.'));
  return sixth.range() === 'unicast' && sixth.match(GLOBAL_UNICAST);
}
