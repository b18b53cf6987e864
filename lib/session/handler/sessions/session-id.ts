import { randomBytes } from 'node:crypto'
import { sha256 } from '../../../core/sha256.js'

/** What the denylist may know a session by. None of it changes while the session lasts. */
export interface SessionNames {
  readonly subject: string
  /** `sid` of the issuer. */
  readonly sessionId: string | undefined
  readonly startedAt: number
  readonly expiresAt: number
}

/** So that the sealed id stays well below 512 characters. */
const MOST_BYTES = 220

/**
 * Nobody guesses it. With the names in it, the denylist can be asked in the same turn as the store;
 * names that are too long stay out of it, and then the one waits for the other.
 */
export function newSessionId({ subject, sessionId, startedAt, expiresAt }: SessionNames): string {
  const random = randomBytes(32).toString('base64url')
  const names = Buffer.from(JSON.stringify([subject, sessionId ?? null, startedAt, expiresAt]))
  return names.length > MOST_BYTES ? random : `${random}.${names.toString('base64url')}`
}

/** Undefined where the id holds none. Only we can have sealed it. */
export function namesIn(id: string): SessionNames | undefined {
  const [, text] = id.split('.')
  const parsed: unknown = text && JSON.parse(Buffer.from(text, 'base64url').toString())
  const names: readonly unknown[] = Array.isArray(parsed) ? parsed : []
  const [subject, sessionId, startedAt, expiresAt] = names
  if (typeof subject !== 'string') return undefined
  return {
    subject,
    sessionId: typeof sessionId === 'string' ? sessionId : undefined,
    startedAt: Number(startedAt),
    expiresAt: Number(expiresAt),
  }
}

/** A session by the id that a browser had, whether a store still knows it or not. */
export interface NamedSession {
  readonly key: string
  /** Whose it is, where the id tells. */
  readonly of?: Pick<SessionNames, 'subject' | 'startedAt'> | undefined
}

export function namedSession(id: string): NamedSession {
  const names = namesIn(id)
  const of = names && { subject: names.subject, startedAt: names.startedAt }
  return { key: keyOf(id), of }
}

/** Where a store keeps the session of an id: a digest, so that no copy of the store holds an id. */
export function keyOf(id: string): string {
  return sha256(id)
}
