import type { ServerResponse } from 'node:http'

/** Headers that tell the origin of an unsafe request, by which it is judged. */
export const ORIGIN_VARY: readonly string[] = ['Origin', 'Sec-Fetch-Site']

/** And those by which a read is judged. */
export const READ_VARY: readonly string[] = [...ORIGIN_VARY, 'Sec-Fetch-Mode', 'Sec-Fetch-Dest']

/** Adds request header names to `Vary`, beside those that others put there, none twice, while there is time. */
export function addVary(res: ServerResponse, names: readonly string[]): void {
  if (res.headersSent) return
  const current = res.getHeader('Vary')
  if (current === undefined) {
    res.setHeader('Vary', names.join(', '))
    return
  }
  const listed = String(current)
  const known = new Set(listed.toLowerCase().split(/ *, */))
  if (known.has('*')) return
  const missing = names.filter((name) => !known.has(name.toLowerCase()))
  if (missing.length > 0) res.setHeader('Vary', [listed, ...missing].join(', '))
}
