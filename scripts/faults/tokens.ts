import type { RevocationQuery } from '../../lib/revocation/store.js'

const STARTED_AT = Math.floor(Date.now() / 1000)
const ISSUER = 'https://id.test'

/** Issued before any fault, so that a floor covers it; revoked sooner or later. */
export function revocableToken(number: number): RevocationQuery & { subject: string } {
  return {
    issuer: ISSUER,
    tokenId: `revocable-${number}`,
    sessionId: `session-${number}`,
    subject: `user-${number}`,
    clientId: undefined,
    issuedAt: STARTED_AT - 60,
    expiresAt: STARTED_AT + 3000,
    version: undefined,
  }
}

/** After any floor, that of a clock which is an hour ahead included. */
const NEVER_BEFORE = STARTED_AT + 3 * 3600

/** Issued after any floor, and never revoked. */
export function goodToken(number: number): RevocationQuery {
  return {
    ...revocableToken(number),
    tokenId: `good-${number}`,
    sessionId: `good-session-${number}`,
    subject: `good-user-${number}`,
    issuedAt: NEVER_BEFORE,
    expiresAt: NEVER_BEFORE + 3000,
  }
}

/** Hash tags that fall into the first third of the slots, so that one shard's fault hits everybody. */
export const STORE_NAMES = { strict: 'strict-0', replicated: 'replicated' } as const

export const naiveKey = (token: RevocationQuery): string => `{naive-3}:${token.tokenId}`
