import { type LookupAddress, type LookupOptions, lookup } from 'node:dns'
import { BlockList, isIP, type LookupFunction } from 'node:net'

/**
 * Addresses that hand out credentials to whoever asks from inside: no provider lives there. Loopback and private
 * addresses stay allowed, because gateways stand in front of local servers.
 */
const FORBIDDEN = new BlockList()
FORBIDDEN.addSubnet('169.254.0.0', 16) // link-local: EC2, ECS, Azure and Google metadata, Lambda's runtime API
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6')
FORBIDDEN.addAddress('fd00:ec2::254', 'ipv6') // EC2 metadata
FORBIDDEN.addAddress('fd00:ec2::23', 'ipv6') // EKS pod identity
FORBIDDEN.addAddress('fd20:ce::254', 'ipv6') // Google metadata
FORBIDDEN.addAddress('100.100.100.200') // Alibaba metadata
FORBIDDEN.addAddress('192.0.0.192') // Oracle metadata
FORBIDDEN.addAddress('168.63.129.16') // Azure's platform
// 169.254.0.0/16 inside IPv6 addresses that a network on the way may turn into IPv4. (`::ffff:` counts as IPv4 anyway.)
FORBIDDEN.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6') // NAT64
FORBIDDEN.addSubnet('64:ff9b:1::a9fe:0', 112, 'ipv6') // NAT64 of a network's own (RFC 8215)
FORBIDDEN.addSubnet('2002:a9fe::', 32, 'ipv6') // 6to4
FORBIDDEN.addSubnet('::a9fe:0', 112, 'ipv6') // IPv4-compatible
FORBIDDEN.addSubnet('::ffff:0:a9fe:0', 112, 'ipv6') // IPv4-translated

/** Thrown by the lookup; `http-client.ts` makes an error for the caller of it. */
export class ForbiddenAddressError extends Error {
  override readonly name = 'ForbiddenAddressError'
}

/** Whether a literal address is one that the gateway never calls. IPv4 inside IPv6 counts as IPv4. */
export function isForbiddenAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '')
  const family = isIP(plain)
  return family !== 0 && FORBIDDEN.check(plain, family === 6 ? 'ipv6' : 'ipv4')
}

/** `dns.lookup` that refuses a name when any of its addresses is forbidden: checked where the socket gets it from. */
export const guardedLookup: LookupFunction = (hostname, options: LookupOptions, callback) => {
  lookup(
    hostname,
    options,
    (error: NodeJS.ErrnoException | null, found: string | LookupAddress[], family?: number) => {
      const addresses = typeof found === 'string' ? [found] : (found ?? []).map(({ address }) => address)
      if (error === null && addresses.some(isForbiddenAddress)) {
        callback(
          new ForbiddenAddressError('the name resolves to a link-local or metadata address'),
          found,
          family,
        )
        return
      }
      callback(error, found, family)
    },
  )
}
