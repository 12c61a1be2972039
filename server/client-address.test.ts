import { describe, expect, it } from 'vitest'
import { createAddressReader, networkOf } from './client-address.ts'

describe('createAddressReader', () => {
  it.each([
    ['nobody is believed', 0, '10.0.0.1', '203.0.113.9', '10.0.0.1'],
    ['one proxy: its entry', 1, '10.0.0.1', '198.51.100.1, 203.0.113.9', '203.0.113.9'],
    ['two proxies: the entry of the outer one', 2, '10.0.0.1', '1.1.1.1, 203.0.113.9, 10.0.0.2', '203.0.113.9'],
    ['fewer hops than proxies: the peer', 3, '10.0.0.1', '203.0.113.9', '10.0.0.1'],
    ['a hop that is no address: the peer', 1, '10.0.0.1', 'unknown', '10.0.0.1'],
    ['an IPv4 peer of a dual-stack socket', 0, '::ffff:10.0.0.1', '', '10.0.0.1'],
    ['a peer that is not ours', ['10.0.0.0/8'], '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['a network of ours', ['10.0.0.0/8'], '10.1.2.3', '1.1.1.1, 203.0.113.9, 10.9.9.9', '203.0.113.9'],
    ['an address of ours', ['192.0.2.7'], '192.0.2.7', '203.0.113.9', '203.0.113.9'],
    ['an IPv6 network of ours', ['fd00::/8', '::1'], '::1', '2001:db8::5, fd00::2', '2001:db8::5'],
    ['only ours', ['10.0.0.0/8'], '10.1.2.3', '10.9.9.9', '10.1.2.3'],
    ['nonsense where the browser should be', ['10.0.0.0/8'], '10.1.2.3', '<script>, 10.9.9.9', '10.1.2.3'],
  ] as const)('%s', (_case, trustProxy, peer, forwarded, expected) => {
    expect(createAddressReader(trustProxy)(peer, forwarded)).toBe(expected)
  })
})

describe('networkOf', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['', ''],
  ])('takes %s for %s', (address, network) => {
    expect(networkOf(address)).toBe(network)
  })
})
