import { describe, expect, it } from '@jest/globals';
import { AllowedTargets } from './allowed-targets.js';
import { faultOfTarget } from './outbound-target.js';
import { isPublicAddress } from './public-address.js';

const policy = (isProduction: boolean, ...allowed: string[]) => ({
  allowed: new AllowedTargets(allowed),
  isProduction,
});
const faultOf = (url: string): string | undefined => faultOfTarget(url, policy(false));

describe('a target that may not be called', () => {
  it.each([
    ['loopback', 'http://127.0.0.1/'],
    ['all of the loopback network', 'http://127.255.1.9/'],
    ['loopback in one number', 'http://2130706433/'],
    ['loopback in hexadecimal', 'http://0x7f000001/'],
    ['loopback in octal', 'http://017700000001/'],
    ['loopback in octal parts', 'http://0177.0.0.01/'],
    ['loopback in mixed parts', 'http://0x7f.0.0.1/'],
    ['loopback in two parts', 'http://127.1/'],
    ['loopback in three parts', 'http://127.0.1/'],
    ['loopback with a dot behind', 'http://127.0.0.1./'],
    ['loopback in digits of circles', 'http://①②⑦.⓪.⓪.①/'],
    ['loopback in wide digits', 'http://１２７.0.0.1/'],
    ['loopback with ideographic dots', 'http://127。0。0。1/'],
    ['loopback, percent-encoded', 'http://%31%32%37.0.0.1/'],
    ['loopback of IPv6', 'http://[::1]/'],
    ['loopback of IPv6 in full', 'http://[0000:0000:0000:0000:0000:0000:0000:0001]/'],
    ['loopback, mapped', 'http://[::ffff:127.0.0.1]/'],
    ['loopback, mapped in hexadecimal', 'http://[::ffff:7f00:1]/'],
    ['loopback, compatible', 'http://[::127.0.0.1]/'],
    ['loopback, translated (SIIT)', 'http://[::ffff:0:127.0.0.1]/'],
    ['loopback behind NAT64', 'http://[64:ff9b::7f00:1]/'],
    ['a private network behind NAT64', 'http://[64:ff9b::10.0.0.1]/'],
    ['a local NAT64 prefix', 'http://[64:ff9b:1::8.8.8.8]/'],
    ['6to4 with a private address', 'http://[2002:a00:1::]/'],
    ['Teredo', 'http://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/'],
    ['unspecified', 'http://0.0.0.0/'],
    ['unspecified in one digit', 'http://0/'],
    ['this network', 'http://0.1.2.3/'],
    ['unspecified of IPv6', 'http://[::]/'],
    ['private, 10/8', 'http://10.0.0.1/'],
    ['private, 172.16/12', 'http://172.31.255.255/'],
    ['private, 192.168/16', 'http://192.168.1.1/'],
    ['shared (CGNAT)', 'http://100.64.0.1/'],
    ['link-local, where clouds tell secrets', 'http://169.254.169.254/latest/meta-data/'],
    ['the same in one number', 'http://2852039166/'],
    ['the same, mapped', 'http://[::ffff:a9fe:a9fe]/'],
    ['special purpose', 'http://192.0.0.1/'],
    ['documentation, 192.0.2/24', 'http://192.0.2.1/'],
    ['documentation, 198.51.100/24', 'http://198.51.100.1/'],
    ['documentation, 203.0.113/24', 'http://203.0.113.1/'],
    ['benchmarking', 'http://198.18.0.1/'],
    ['multicast', 'http://224.0.0.1/'],
    ['reserved', 'http://240.0.0.1/'],
    ['broadcast', 'http://255.255.255.255/'],
    ['link-local of IPv6', 'http://[fe80::1]/'],
    ['link-local of IPv6 with its zone', 'http://[fe80::1%25eth0]/'],
    ['unique local', 'http://[fd12:3456:789a::1]/'],
    ['unique local where a cloud tells secrets', 'http://[fd00:ec2::254]/'],
    ['site-local', 'http://[fec0::1]/'],
    ['multicast of IPv6', 'http://[ff02::1]/'],
    ['documentation of IPv6', 'http://[2001:db8::1]/'],
    ['discard-only', 'http://[100::1]/'],
    ['never given out', 'http://[4000::1]/'],
    ['the name of this machine', 'http://localhost/'],
    ['the same in capitals and with a dot', 'http://LOCALHOST./'],
    ['the same in letters of circles', 'http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ/'],
    ['a name below it', 'http://admin.localhost/'],
    ['a name before the real host', 'http://hooks.example.com@127.0.0.1/'],
    ['a backslash before the real host', 'http://127.0.0.1\\@hooks.example.com/'],
    ['a user and password', 'https://user:secret@hooks.example.com/'],
    ['a file', 'file:///etc/passwd'],
    ['another protocol', 'gopher://hooks.example.com/'],
    ['data', 'data:text/plain,hello'],
    ['a port of mail', 'https://hooks.example.com:25/'],
    ['no host', 'http:///'],
    ['no URL', 'hooks.example.com/path'],
  ])('%s', (_, url) => {
    expect(faultOf(url)).toEqual(expect.stringMatching(/\.$/));
  });
});

describe('a target that may be called', () => {
  it.each([
    'https://hooks.example.com/path?query#fragment',
    'http://hooks.example.com:8080/',
    'https://8.8.8.8/',
    'https://172.32.0.1/',
    'https://100.128.0.1/',
    'https://[2606:4700:4700::1111]/',
    'https://[64:ff9b::808:808]/',
    'https://[::ffff:8.8.8.8]/',
    'https://bücher.example/',
  ])('%s', (url) => {
    expect(faultOf(url)).toBeUndefined();
  });

  it.each([
    ['http://127.0.0.1:8080/', '127.0.0.1:8080', true],
    ['http://2130706433:8080/', '127.0.0.1:8080', true],
    ['http://127.0.0.1:8081/', '127.0.0.1:8080', false],
    ['http://127.0.0.2:8080/', '127.0.0.1:8080', false],
    ['http://[::1]:8080/', '[::1]:8080', true],
    ['https://127.0.0.1/', '127.0.0.1:443', true],
    ['http://hooks.internal:25/', 'Hooks.Internal:25', true],
    ['http://hooks.internal.:25/', 'hooks.internal:25', true],
    ['http://10.1.2.3:22/', '10.0.0.0/8', true],
    ['http://[::ffff:10.1.2.3]/', '10.0.0.0/8', true],
    ['http://11.1.2.3:22/', '10.0.0.0/8', false],
    ['http://[fd00::7]/', 'fd00::/8', true],
    ['http://user@10.1.2.3/', '10.0.0.0/8', false],
  ])('%s when %s is opened: %s', (url, entry, isCalled) => {
    expect(faultOfTarget(url, policy(true, entry)) === undefined).toBe(isCalled);
  });

  it('is called over https alone in production', () => {
    expect(faultOfTarget('http://hooks.example.com/', policy(true))).toContain('only https');
    expect(faultOfTarget('https://hooks.example.com/', policy(true))).toBeUndefined();
  });
});

it.each(['', 'localhost', '127.1', 'fe80::1%eth0', '2606:4700::1%eth0', '[::1]', '8.8.8.8:53'])(
  'what is no plain address is not public: %s',
  (text) => {
    expect(isPublicAddress(text)).toBe(false);
  },
);
