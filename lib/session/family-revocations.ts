import { AuthError } from '../core/verdicts/errors.js'
import { attempt } from '../core/verdicts/outcome.js'
import { storeOutage } from '../revocation/asking/outage.js'
import type { RevocationStore } from '../revocation/store.js'
import type { StoredFamily } from './family.js'
import type { FamilyId } from './family-token.js'

/** The denylist, asked and told about families. A fault of it is an outage: nothing ends by it. */
export interface FamilyRevocations {
  /** Whether session, user, client or a floor ended the family since it was used last. */
  isRevoked(id: FamilyId, family: StoredFamily, idleMs: number): Promise<boolean>
  revokeSession(family: StoredFamily): Promise<void>
  /** A family that the store does not know, until nothing of it can be left anywhere. */
  revokeFamily(id: FamilyId, expiresAt: number): Promise<void>
  revokeSubject(subject: string, exceptSession: string | undefined): Promise<void>
}

/** @throws AuthError `temporarily_unavailable`, by rejection, from each method. */
export function createFamilyRevocations(store: RevocationStore, issuer: string): FamilyRevocations {
  return {
    async isRevoked({ tag, id }, family, idleMs) {
      const { subject, clientId, sessionId, rotatedAtMs, expiresAtMs } = family
      const verdict = await attempt(
        async () =>
          store.check({
            issuer,
            revocationIssuer: issuer,
            tokenId: nameOf({ tag, id }),
            subject,
            clientId,
            sessionId,
            version: undefined,
            issuedAt: rotatedAtMs / 1000,
            // It is over then, unless it is used: the store may forget it then.
            expiresAt: Math.min(expiresAtMs, rotatedAtMs + idleMs) / 1000,
          }),
        (cause) => storeOutage('revocation_unavailable', cause),
      )
      if (verdict instanceof AuthError) throw verdict
      return verdict.revoked
    },
    async revokeSession({ sessionId, subject }) {
      await stored(() => store.revokeSession({ issuer, sessionId, subject }))
    },
    async revokeFamily(id, expiresAt) {
      await stored(() => store.revokeToken({ issuer, tokenId: nameOf(id), expiresAt }))
    },
    async revokeSubject(subject, exceptSession) {
      const exceptSessions = exceptSession === undefined ? [] : [exceptSession]
      await stored(() => store.revokeSubject({ issuer, subject }, { exceptSessions }))
    },
  }
}

function nameOf({ tag, id }: FamilyId): string {
  return `family:${tag}${id}`
}

async function stored(revoke: () => Promise<unknown>): Promise<void> {
  const done = await attempt(revoke, (cause) => storeOutage('revocation_not_stored', cause))
  if (done instanceof AuthError) throw done
}
