import type { Mark } from '../../facts.js'
import type { Revocation, RevocationValue } from '../../revocations.js'
import type { RevocationUnavailable } from '../../store.js'
import type { KeyNames } from './key-names.js'
import { unavailable } from './unavailable.js'

/** The value of a key that is either there or not. */
export const FLAG = '1'

const NUMBER = /^-?\d{1,16}(?:\.\d{1,20})?$/

export function parseFlag(record: string | null | undefined): boolean {
  if (record === null || record === undefined) return false
  if (record !== FLAG) throw unknown('flag', record)
  return true
}

export function parseNumber(record: string | null | undefined): number | undefined {
  if (record === null || record === undefined) return undefined
  if (!NUMBER.test(record)) throw unknown('number', record)
  return Number(record)
}

/** `<not before>` and then, for each session with a second of its own, `;<session>=<second or ->`. */
export function parseMark(record: string | null | undefined): Mark | undefined {
  if (record === null || record === undefined) return undefined
  const [notBefore, ...pairs] = record.split(';')
  const sessions = new Map<string, number>()
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    const second = pair.slice(equals + 1)
    if (equals < 1 || !(second === '-' || NUMBER.test(second))) throw unknown('mark', record)
    sessions.set(pair.slice(0, equals), second === '-' ? Number.NEGATIVE_INFINITY : Number(second))
  }
  if (!NUMBER.test(notBefore!)) throw unknown('mark', record)
  return { notBefore: Number(notBefore), sessions }
}

/** Sessions of `mark` must already be in the form in which keys hold ids. */
export function formatMark(mark: Mark): string {
  const pairs = [...mark.sessions].map(
    ([session, second]) =>
      `;${session}=${second === Number.NEGATIVE_INFINITY ? '-' : formatNumber(second)}`,
  )
  return formatNumber(mark.notBefore) + pairs.join('')
}

/**
 * Exact and without an exponent: fractions too small for that are rounded up, because a mark that is
 * a little too early spares a token.
 */
export function formatNumber(value: number): string {
  const text = String(value)
  return NUMBER.test(text) ? text : String(Math.ceil(value))
}

/** It may revoke, so it is never taken for "not revoked". */
function unknown(kind: string, record: string): RevocationUnavailable {
  return unavailable(
    `A ${kind} record of ${record.length} characters in Redis has a format that this version does not know. Is a newer version of the library writing to it?`,
  )
}

/** A revocation as it is written. */
export interface StoredEntry {
  readonly key: string
  /** Its key without the prefix of all keys. */
  readonly name: string
  readonly format: 'flag' | 'number' | 'mark'
  readonly record: string
  /** What the record says, with ids as keys hold them. */
  readonly value: RevocationValue
  /** Second until which it is needed. */
  readonly until: number
  /** Second after which it may be forgotten. */
  readonly keptUntil: number
  readonly share?: StoredShare | undefined
}

/** The mark in place of an entry whose user has too many. */
export interface StoredShare {
  /** Key of the count. */
  readonly counter: string
  readonly windowSeconds: number
  readonly mark: StoredEntry
}

export function entryFor(keys: KeyNames, revocation: Revocation): StoredEntry {
  const { kind, issuer, id, until, keptUntil } = revocation
  const key =
    kind === 'all' || issuer === undefined ? keys.all(issuer) : keys.entry(kind, issuer, id)
  const share = shareFor(keys, revocation)
  const target = { key, name: key.slice(keys.prefix.length), until, keptUntil, share }
  const { value } = revocation
  if (value === true) return { ...target, format: 'flag', record: FLAG, value }
  if (typeof value === 'number') {
    return { ...target, format: 'number', record: formatNumber(value), value }
  }
  // In the order of the script, which compares what it merges with what is there.
  const sessions = [...value.sessions]
    .map(([session, second]) => [keys.id(session), second] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
  const mark = { notBefore: value.notBefore, sessions: new Map(sessions) }
  return { ...target, format: 'mark', record: formatMark(mark), value: mark }
}

function shareFor(keys: KeyNames, { kind, share }: Revocation): StoredShare | undefined {
  const { issuer, id } = share?.mark ?? {}
  if (share === undefined || kind === 'all' || issuer === undefined || id === undefined) {
    return undefined
  }
  const counter = keys.counter(kind, issuer, id)
  return { counter, windowSeconds: share.windowSeconds, mark: entryFor(keys, share.mark) }
}
