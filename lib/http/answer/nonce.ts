import type { ServerResponse } from 'node:http'

/** What a page of another origin must be able to read in order to repeat its request (RFC 9449 §8.2). */
export const NONCE_EXPOSURE = 'DPoP-Nonce, WWW-Authenticate'

/** Sends the nonce for the next proof with a good answer, in place of any that others set. */
export function sendNonce(res: ServerResponse, nonce: string): void {
  if (res.headersSent) return
  res.setHeader('DPoP-Nonce', nonce)
  exposeHeaders(res, NONCE_EXPOSURE)
}

/** Beside what CORS has exposed already, none twice. */
export function exposeHeaders(res: ServerResponse, names: string): void {
  const current = res.getHeader('Access-Control-Expose-Headers')
  const listed = current === undefined ? '' : String(current)
  const known = new Set(listed.toLowerCase().split(/ *, */))
  const missing = names.split(', ').filter((name) => !known.has(name.toLowerCase()))
  if (missing.length === 0 || known.has('*')) return
  const all = listed === '' ? missing : [listed, ...missing]
  res.setHeader('Access-Control-Expose-Headers', all.join(', '))
}
