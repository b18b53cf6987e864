import { AuthError } from '../core/verdicts/errors.js'
import { attempt } from '../core/verdicts/outcome.js'
import { storeOutage } from '../revocation/asking/outage.js'
import type { RevocationQuery, RevocationStore } from '../revocation/store.js'
import { isVerdict, noVerdict } from '../revocation/asking/verdict.js'
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
  async function checked(query: RevocationQuery): Promise<boolean> {
    const verdict = await attempt(async (): Promise<unknown> => store.check(query), unavailable)
    if (verdict instanceof AuthError) throw verdict
    if (!isVerdict(verdict)) throw unavailable(noVerdict())
    return verdict.revoked
  }

  return {
    async isRevoked(family, { subject, clientId, sessionId, ...times }, idleMs) {
      const { rotatedAtMs, expiresAtMs } = times
      const asked = {
        issuer,
        revocationIssuer: issuer,
        version: undefined,
        issuedAt: rotatedAtMs / 1000,
        // It is over then, unless it is used: the store may forget it then.
        expiresAt: Math.min(expiresAtMs, rotatedAtMs + idleMs) / 1000,
      }
      const tokenId = nameOf(family)
      const verdicts = await Promise.all([
        checked({ ...asked, tokenId, subject, clientId, sessionId }),
        checked({ ...asked, ...NOBODY, tokenId, subject: userOf(family) }),
      ])
      return verdicts.includes(true)
    },
    async revokeSession({ sessionId, subject }) {
      await stored(() => store.revokeSession({ issuer, sessionId, subject }))
    },
    async revokeFamily(family, expiresAt) {
      const [tokenId, subject] = [nameOf(family), userOf(family)]
      await stored(() => store.revokeToken({ issuer, tokenId, expiresAt, subject }))
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

/**
 * The user of a family that is not known, by the tag. Their share of the denylist is counted by it:
 * whoever logs in and revokes without end, families that were forgotten, would otherwise fill it.
 */
function userOf({ tag }: FamilyId): string {
  return `family:${tag}`
}

const NOBODY = { clientId: undefined, sessionId: undefined }

function unavailable(cause: unknown): AuthError {
  return storeOutage('revocation_unavailable', cause)
}

async function stored(revoke: () => Promise<unknown>): Promise<void> {
  const done = await attempt(revoke, (cause) => storeOutage('revocation_not_stored', cause))
  if (done instanceof AuthError) throw done
}
