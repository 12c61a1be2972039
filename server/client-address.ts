import { BlockList, isIP } from 'node:net'
import type { Config } from './config.ts'

/** Reads the browser's address from the connection's peer and the X-Forwarded-For header. */
export type AddressReader = (peer: string, forwardedFor: string) => string

/**
 * Believes as many hops, from the nearest on, as the configuration names: a number of proxies, or their addresses and
 * networks. A forged header starts further left and is never reached; a hop that is no address ends the chain.
 */
export function createAddressReader(trustProxy: Config['trustProxy']): AddressReader {
  if (typeof trustProxy === 'number') {
    return (peer, forwardedFor) => {
      const hop = trustProxy > 0 ? hopsOf(forwardedFor).at(-trustProxy) : undefined
      return hop !== undefined && isIP(hop) > 0 ? hop : plain(peer)
    }
  }
  const ours = new BlockList()
  for (const place of trustProxy) {
    const [address = '', bits] = place.split('/')
    if (bits === undefined) ours.addAddress(address, family(address))
    else ours.addSubnet(address, Number(bits), family(address))
  }
  const isOurs = (address: string) => isIP(address) > 0 && ours.check(address, family(address))
  return (peer, forwardedFor) => {
    const near = plain(peer)
    if (!isOurs(near)) return near
    const browser = hopsOf(forwardedFor).findLast((hop) => !isOurs(hop))
    return browser !== undefined && isIP(browser) > 0 ? browser : near
  }
}

/** What one subscriber can send from: an IPv4 address, or the /64 of an IPv6 one, which holds as many addresses as they like. */
export function networkOf(address: string): string {
  if (isIP(address) !== 6) return address
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail ? tail.split(':') : []
  const groups = tail === undefined ? left : [...left, ...Array<string>(Math.max(0, 8 - left.length - right.length)).fill('0'), ...right]
  return `${groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`
}

function hopsOf(forwardedFor: string): string[] {
  return forwardedFor
    .split(',')
    .map((hop) => plain(hop.trim()))
    .filter(Boolean)
}

// An IPv4 peer of a dual-stack socket.
function plain(address: string): string {
  return address.replace(/^::ffff:/, '')
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
