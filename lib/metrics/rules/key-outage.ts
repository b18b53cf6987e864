import type { Rule } from './rule.js'

/** Issuers that tenants choose may fail as often as they like: so many are watched, and no more. */
const MAX_ISSUERS = 1000

interface Outage {
  /** When the keys end that are still served. */
  readonly endsAt: number
  readonly tellAt: number
}

/** Keys of an issuer that cannot be refreshed, in the last third of the time for which they are still served. */
export function keyOutage(): Rule {
  const outages = new Map<string, Outage>()

  return ({ event, now }) => {
    if (event.name === 'keys.recovered' || event.name === 'keys.refreshed') {
      outages.delete(event.issuer)
      return undefined
    }
    if (event.name === 'keys.stale' && outages.size < MAX_ISSUERS) {
      const usableMs = event.usableSeconds * 1000
      outages.set(event.issuer, { endsAt: now + usableMs, tellAt: now + (usableMs * 2) / 3 })
    }
    if (event.name !== 'keys.stale' && event.name !== 'keys.failed') return undefined
    const outage = outages.get(event.issuer)
    // Refreshing is tried again once a minute, and each failure comes by here.
    if (outage === undefined || now < outage.tellAt) return undefined
    outages.delete(event.issuer)
    const minutes = Math.max(0, Math.round((outage.endsAt - now) / 60_000))
    const detail = `The keys of ${event.issuer} cannot be refreshed, and those we hold end in ${minutes} minutes`
    return { rule: 'key_outage', count: 1, windowSeconds: 0, detail }
  }
}
