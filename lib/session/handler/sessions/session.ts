import { isRecord } from '../../../core/values.js'
import type { Seal } from '../../../http/secrets/seal.js'
import type { StoredSession } from '../../session-store.js'
import type { SessionNames } from './session-id.js'

/** What an issuer gives at a login, or in place of a refresh token. */
export interface Tokens {
  readonly accessToken: string
  /** In seconds; undefined where the issuer does not say. */
  readonly accessExpiresAt: number | undefined
  readonly refreshToken: string | undefined
  readonly idToken: string | undefined
  /** Of the ID token. */
  readonly claims: Readonly<Record<string, unknown>> | undefined
}

/** A login and its tokens. Times are seconds. */
export interface Session extends SessionNames {
  /** Where a store keeps it. */
  readonly key: string
  readonly claims: Readonly<Record<string, unknown>>
  readonly idToken: string
  readonly accessToken: string
  readonly accessExpiresAt: number | undefined
  readonly refreshedAt: number
  readonly refreshToken: string | undefined
  /** The step-up that the login was for. */
  readonly stepUp: string | undefined
}

/** A session as it was read, and its version. */
export interface ReadSession {
  readonly session: Session
  readonly version: number
  readonly idleExpiresAt: number
}

/** Encrypts sessions for a store. One that was moved to another key there does not open. */
export interface SessionCodec {
  encode(session: Session): string
  /** Undefined for what was not written with our secrets, or for another key. */
  decode(key: string, stored: StoredSession): ReadSession | undefined
}

export function createSessionCodec(seal: Seal): SessionCodec {
  return {
    encode: (session) => seal.seal(JSON.stringify(session)),
    decode(key, { record, version, idleExpiresAt }) {
      const text = seal.open(record)
      if (text === undefined) return undefined
      const session: unknown = JSON.parse(text)
      if (!isSession(session) || session.key !== key) return undefined
      return { session, version, idleExpiresAt }
    },
  }
}

/** Only we can have sealed it; an older version of this package may have, though. */
function isSession(value: unknown): value is Session {
  if (!isRecord(value)) return false
  const texts = ['key', 'subject', 'accessToken', 'idToken']
  return texts.every((name) => typeof value[name] === 'string') && isRecord(value['claims'])
}
