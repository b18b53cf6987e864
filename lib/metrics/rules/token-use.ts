import type { TokenFacts } from '../../core/events/events.js'
import { digest } from '../../core/events/events.js'
import { WindowTable, type Window } from '../../http/throttle/window-table.js'
import type { Finding, Rule, Sighting } from './rule.js'
import { WideNetworks } from './wide-network.js'

const WINDOW_MS = 300_000
/** Other tabs of a user who has logged out go on asking for a while. */
const GRACE_MS = 60_000

/** So many networks of a token are told apart, unless the limit is higher. */
const MAX_NETWORKS = 16

interface Use extends Window {
  readonly networks: WideNetworks
  told: boolean
}

interface RevokedUse extends Use {
  readonly since: number
  count: number
}

/**
 * Where tokens come from: one that comes from many networks, and one that comes although it is revoked.
 *
 * @param limit Networks of one kind (IPv4 /24, IPv6 /48) that a token may come from in five minutes;
 *   undefined: any number.
 */
export function tokenUse(limit: number | undefined, watchesRevoked: boolean): Rule {
  const maxNetworks = Math.max(MAX_NETWORKS, limit ?? 0)
  const uses = new WindowTable<Use>(WINDOW_MS)
  const revoked = new WindowTable<RevokedUse>(WINDOW_MS)

  function spread({ now }: Sighting, token: TokenFacts, network: string): Finding | undefined {
    const key = token.tokenIdDigest
    let use = uses.read(key, now)
    if (use === undefined) {
      use = { networks: new WideNetworks(maxNetworks), told: false, resetAt: now + WINDOW_MS }
      uses.set(key, use)
    }
    const count = use.networks.add(network)
    if (limit === undefined || count < limit || use.told || isOfClient(token)) return undefined
    use.told = true
    const detail = `One token came from ${count} networks in five minutes`
    return { rule: 'token_spread', count, windowSeconds: WINDOW_MS / 1000, detail }
  }

  function reuse({ now }: Sighting, token: TokenFacts, network: string): Finding | undefined {
    const key = token.tokenIdDigest
    // The guard in front of the denylist has just told that it passed, from this network.
    uses.read(key, now)?.networks.remove(network)
    let use = revoked.read(key, now)
    if (use === undefined) {
      // Where it was good: known if it was used of late, and in this process.
      const networks = uses.read(key, now)?.networks ?? new WideNetworks(maxNetworks)
      use = { networks, since: now, count: 0, told: false, resetAt: now + WINDOW_MS }
      revoked.set(key, use)
    }
    use.count += 1
    const elsewhere = use.networks.excludes(network)
    if (!elsewhere) use.networks.add(network)
    if (use.told || (!elsewhere && now - use.since < GRACE_MS)) return undefined
    use.told = true
    const how = elsewhere ? 'from another network than before' : 'for more than a minute'
    const detail = `A revoked token is used ${how}`
    const { count } = use
    return { rule: 'revoked_token_used', count, windowSeconds: WINDOW_MS / 1000, detail }
  }

  return (sighting) => {
    const { event, network } = sighting
    if (network === undefined) return undefined
    if (event.name === 'bearer.accepted') return spread(sighting, event.token, network)
    if (!watchesRevoked || event.name !== 'request.refused' || event.reason !== 'revoked') {
      return undefined
    }
    return event.token && reuse(sighting, event.token, network)
  }
}

/** The token of a program, which runs on as many machines as there are. */
function isOfClient({ clientId, subjectDigest }: TokenFacts): boolean {
  if (subjectDigest === undefined) return true
  return clientId !== undefined && digest(clientId) === subjectDigest
}
