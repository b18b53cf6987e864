import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { OptionCheck } from '../core/options/option-check.js'
import { sha256 } from '../core/sha256.js'
import { deriveKeys, type Secret } from '../http/secrets/secrets.js'

/** Where a family is: the tag of its user, and its id among the families of that user. */
export interface FamilyId {
  readonly tag: string
  readonly id: string
}

/** `v1.<tag and id>.<number>.<HMAC>`: nobody else can make one, and none need be stored. */
export interface FamilyTokens {
  format(family: FamilyId, count: number): string
  /** Undefined for what was not made here. */
  parse(token: string): { readonly family: FamilyId; readonly count: number } | undefined
}

/** 108 bits: nobody finds a user whose tag is that of another, not even of any among a billion. */
const TAG_CHARS = 18
/** 54 bits: told apart from the other logins of one user. It is no secret: the HMAC is. */
export const ID_CHARS = 9
const TOKEN = /^v1\.([A-Za-z0-9_-]{18})([A-Za-z0-9_-]{9})\.([1-9][0-9]{0,14})\.([A-Za-z0-9_-]{43})$/

/** Says nothing of the user to whom the token is shown. */
export function subjectTag(issuer: string, subject: string): string {
  return sha256(JSON.stringify([issuer, subject])).slice(0, TAG_CHARS)
}

export function newFamilyId(issuer: string, subject: string): FamilyId {
  const id = randomBytes(ID_CHARS).toString('base64url').slice(0, ID_CHARS)
  return { tag: subjectTag(issuer, subject), id }
}

/**
 * Secrets are listed newest first: the first signs, all of them verify, so that they can be rotated.
 * Tokens of one issuer are none of another that has the same secrets and store.
 */
export function createFamilyTokens(
  check: OptionCheck,
  secrets: readonly Secret[],
  issuer: string,
): FamilyTokens {
  const keys = deriveKeys(check, 'secrets', secrets, `refresh-family/v1/${issuer}`)
  return {
    format({ tag, id }, count) {
      const signed = `v1.${tag}${id}.${count}`
      return `${signed}.${macOf(keys[0], signed).toString('base64url')}`
    },
    parse(token) {
      const [, tag, id, count, mac] = TOKEN.exec(token) ?? []
      if (tag === undefined || id === undefined || mac === undefined) return undefined
      const signed = token.slice(0, token.lastIndexOf('.'))
      const received = Buffer.from(mac, 'base64url')
      const known = keys.some((key) => timingSafeEqual(macOf(key, signed), received))
      return known ? { family: { tag, id }, count: Number(count) } : undefined
    },
  }
}

function macOf(key: Buffer, signed: string): Buffer {
  return createHmac('sha256', key).update(signed).digest()
}
