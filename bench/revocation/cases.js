import { ISSUER, tokenId } from './fill.js'

export const LIVE_TOKENS = 10_000
/** One of ten tokens is revoked, anywhere in the list: each verdict must be the right one. */
const ONE_REVOKED_IN = 10

/** Verified tokens as a guard hands them over, frozen, and whether each is revoked. */
export function createCases(size, count) {
  const now = Math.floor(Date.now() / 1000)
  return Array.from({ length: count }, (_, index) => {
    const revoked = index % ONE_REVOKED_IN === 0
    const query = Object.freeze({
      issuer: ISSUER,
      tokenId: revoked ? tokenId(1 + Math.floor(Math.random() * size)) : crypto.randomUUID(),
      sessionId: crypto.randomUUID(),
      subject: `user-${index}`,
      clientId: 'web',
      issuedAt: now - 60,
      expiresAt: now + 3600,
    })
    return { query, revoked }
  })
}
