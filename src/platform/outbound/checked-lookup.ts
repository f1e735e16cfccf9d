import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { LookupFunction } from 'node:net';
import { OutboundFailure, targetRefused } from './outbound-failure.js';

/** Every address of a host name. @throws Error with a code when it has none */
export type Resolve = (host: string) => Promise<readonly LookupAddress[]>;

/** As the machine resolves names. */
export const resolveHost: Resolve = (host) => lookup(host, { all: true, order: 'verbatim' });

/**
 * The look-up of one connection: resolves the name once, and hands over exactly the addresses that were checked, so that
 * a name server that says something else the next time changes nothing. One address that must not be called is enough to
 * refuse the name, since nobody can say which of them would be called.
 */
export const checkedLookup =
  (resolve: Resolve, mayCall: (address: string) => boolean): LookupFunction =>
  (host, options, done) => {
    const answer = (addresses: readonly LookupAddress[]): void => {
      const [first] = addresses;
      const refused = addresses.find(({ address }) => !mayCall(address));
      if (refused) return done(refusal(host, refused.address), '', 0);
      if (!first) return done(new OutboundFailure('not-sent', 'ENOTFOUND', `${host} has no address.`), '', 0);
      if (options.all) return done(null, [...addresses]);
      done(null, first.address, first.family);
    };
    resolve(host).then(answer, (error: NodeJS.ErrnoException) => done(error, '', 0));
  };

const refusal = (host: string, address: string): OutboundFailure =>
  targetRefused(`${host} leads to ${address}, which is no address of the public internet.`);
