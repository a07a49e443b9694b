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
FORBIDDEN.addSubnet('64:ff9b::a9fe:0', 112, 'ipv6') // 169.254.0.0/16 through NAT64

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
