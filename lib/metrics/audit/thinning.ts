import type { Timer } from '../../core/clock.js'

/** What of one kind was not written in a window. */
export interface Thinned {
  readonly kind: string
  readonly count: number
  /** Whence it came, 1 for all beyond the bound of the table. */
  readonly networks: number
}

export interface Thinning {
  /** Counts one more of this kind from this network. @returns whether it is to be written. */
  admit(kind: string, network: string): boolean
  /** Tells what was counted so far. */
  stop(): void
}

export const WINDOW_SECONDS = 60

/** The limit for all networks together, as a multiple of that of one network. */
const ALL_NETWORKS = 10
const MAX_NETWORKS = 10_000

interface Kind {
  written: number
  counted: number
  /** How many came from each, until no more are written: a flood of one kind takes no room of another. */
  readonly networks: Map<string, number>
  readonly thinnedNetworks: Set<string>
}

/**
 * Lets the first of a flood pass, and counts the rest: senders of bad tokens must not decide how much
 * is written. A window begins with the first that comes after the last one ended.
 *
 * @param limit Of each kind from each network in a window.
 */
export function createThinning(
  limit: number,
  timer: Timer,
  tell: (thinned: Thinned) => void,
): Thinning {
  const kinds = new Map<string, Kind>()
  let thinnedNetworks = 0
  let cancel: (() => void) | undefined

  function end(): void {
    cancel?.()
    cancel = undefined
    const over = [...kinds]
    kinds.clear()
    thinnedNetworks = 0
    for (const [kind, { counted, thinnedNetworks: from }] of over) {
      if (counted > 0) tell({ kind, count: counted, networks: from.size })
    }
  }

  function kindOf(name: string): Kind {
    const known = kinds.get(name)
    if (known !== undefined) return known
    const made = { written: 0, counted: 0, networks: new Map(), thinnedNetworks: new Set<string>() }
    kinds.set(name, made)
    return made
  }

  return {
    admit(name, from) {
      cancel ??= timer.after(WINDOW_SECONDS * 1000, end)
      const kind = kindOf(name)
      if (kind.written < limit * ALL_NETWORKS) {
        const network = within(kind.networks, from, kind.networks.size)
        const count = (kind.networks.get(network) ?? 0) + 1
        kind.networks.set(network, count)
        if (count <= limit) {
          kind.written += 1
          return true
        }
      }
      kind.counted += 1
      const network = within(kind.thinnedNetworks, from, thinnedNetworks)
      if (!kind.thinnedNetworks.has(network)) thinnedNetworks += 1
      kind.thinnedNetworks.add(network)
      return false
    },
    stop: end,
  }
}

/** The network, or that of all which have no room any more. */
function within(known: Pick<Set<string>, 'has'>, network: string, size: number): string {
  return known.has(network) || size < MAX_NETWORKS ? network : ''
}
