import { BlockList, isIP } from 'node:net'

/**
 * What an IP address may be used for:
 * - `public`: any destination.
 * - `private`: only a destination that allows its own network (loopback, RFC 1918, carrier-grade NAT, unique-local).
 * - `forbidden`: none, whatever its settings. Metadata services hand out credentials to whoever asks; multicast,
 *   reserved and translated ranges (NAT64, 6to4, Teredo) name another host than the one they seem to.
 */
export type AddressKind = 'public' | 'private' | 'forbidden'

/** Takes an address as a resolver or `new URL` gives it, without brackets. Anything else is `forbidden`. */
export function addressKind(address: string): AddressKind {
  const plain = withoutZone(address)
  const version = isIP(plain)
  if (version === 4) return kindOf(plain, 'ipv4')
  if (version === 6) return kindOf(plain, 'ipv6')
  return 'forbidden'
}

function kindOf(address: string, family: 'ipv4' | 'ipv6'): AddressKind {
  if (METADATA.check(address, family)) return 'forbidden'
  if (PRIVATE.check(address, family)) return 'private'
  if (FORBIDDEN.check(address, family)) return 'forbidden'
  // New IPv6 ranges are carved out of what is reserved today, so only the one that is in use is public. A mapped
  // IPv4 address was told by the rules above, which `BlockList` applies to it.
  if (family === 'ipv6' && !GLOBAL_V6.check(address, family)) return 'forbidden'
  return 'public'
}

/** `fe80::1%eth0` names the interface too. */
function withoutZone(address: string): string {
  const at = address.indexOf('%')
  return at < 0 ? address : address.slice(0, at)
}

const METADATA = listOf([
  ['169.254.0.0', 16], // link-local; AWS, GCP and Azure answer at 169.254.169.254, ECS at .170.2
  ['100.100.100.200', 32], // Alibaba
  ['192.0.0.192', 32], // Oracle
  ['fd00:ec2::', 32], // AWS over IPv6
  ['fe80::', 10], // link-local
])

const PRIVATE = listOf([
  ['127.0.0.0', 8],
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['100.64.0.0', 10], // carrier-grade NAT
  ['198.18.0.0', 15], // benchmarks; company proxies answer from it
  ['::1', 128],
  ['fc00::', 7], // unique-local
])

const FORBIDDEN = listOf([
  ['0.0.0.0', 8], // "this host": connects to loopback
  ['192.0.0.0', 24], // protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.88.99.0', 24], // 6to4 relays
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4
  ['3fff::', 20], // documentation
])

/** Global unicast and mapped IPv4. NAT64 (64:ff9b::/96) and IPv4-compatible addresses (::/96) lie outside. */
const GLOBAL_V6 = listOf([
  ['2000::', 3],
  ['::ffff:0:0', 96],
])

function listOf(ranges: readonly (readonly [network: string, prefix: number])[]): BlockList {
  const list = new BlockList()
  for (const [network, prefix] of ranges)
    list.addSubnet(network, prefix, network.includes(':') ? 'ipv6' : 'ipv4')
  return list
}
