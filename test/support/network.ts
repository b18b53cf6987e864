import { optionCheck } from '../../lib/core/options/option-check.js'
import type { Allowance } from '../../lib/net/network/allowance.js'
import { compileNetwork, type NetworkOptions } from '../../lib/net/network/network-options.js'
import type { Network } from '../../lib/net/network/network.js'

/** What an issuer on this machine is allowed. */
export const THIS_MACHINE: Allowance = {
  http: new Set(),
  loopback: new Set(),
  onThisMachine: true,
  publicOnly: false,
}

/** What an issuer elsewhere is allowed. */
export const ELSEWHERE: Allowance = { ...THIS_MACHINE, onThisMachine: false }

/** The network of an issuer at these addresses, without any proxy. */
export function networkOf(
  configured: string | readonly (string | URL)[],
  options?: NetworkOptions,
  publicOnly = false,
): Network {
  const urls = typeof configured === 'string' ? [configured] : configured
  return compileNetwork(
    optionCheck('test'),
    options,
    urls.map((url) => new URL(url)),
    publicOnly,
  )
}
