import { AuthError } from '../../../core/verdicts/errors.js'
import { attempt } from '../../../core/verdicts/outcome.js'
import { storeOutage } from '../../../revocation/asking/outage.js'
import type { RevocationStore } from '../../../revocation/store.js'
import { isVerdict, noVerdict } from '../../../revocation/asking/verdict.js'
import type { SessionNames } from './session-id.js'

/** The denylist, asked and told about sessions. Where it cannot know or store, that is an outage. */
export interface SessionDenylist {
  /** Whether the session itself, that of the issuer, its user or a floor ended it. */
  isRevoked(session: SessionNames & { readonly key: string }): Promise<boolean | AuthError>
  revoke(
    key: string,
    until: { readonly expiresAt: number; readonly subject?: string; readonly issuedAt?: number },
  ): Promise<void | AuthError>
}

export function createSessionDenylist(
  store: RevocationStore,
  issuer: string,
  clientId: string,
): SessionDenylist {
  return {
    async isRevoked({ key, subject, sessionId, startedAt, expiresAt }) {
      const verdict = await attempt(
        async () =>
          store.check({
            issuer,
            revocationIssuer: issuer,
            tokenId: tokenIdOf(key),
            subject,
            clientId,
            sessionId,
            version: undefined,
            issuedAt: startedAt,
            expiresAt,
          }),
        (cause) => storeOutage('revocation_unavailable', cause),
      )
      if (verdict instanceof AuthError) return verdict
      return isVerdict(verdict)
        ? verdict.revoked
        : storeOutage('revocation_unavailable', noVerdict())
    },
    async revoke(key, until) {
      const name = { issuer, revocationIssuer: issuer, tokenId: tokenIdOf(key) }
      const revoked = await attempt(
        async () => store.revokeToken({ ...name, ...until }),
        (cause) => storeOutage('revocation_not_stored', cause),
      )
      return revoked instanceof AuthError ? revoked : undefined
    },
  }
}

/** Only a forged token has a `jti` like this. */
function tokenIdOf(key: string): string {
  return `session:${key}`
}
