import { keep, recall, type TokenMemo } from '../../core/token-memo.js'
import type { JudgedToken, RevocationQuery } from '../store.js'
import type { KeyNames } from './keys.js'

/**
 * The keys of all facts that could concern a token, and what of it they are compared with: one
 * object beside the token, because putting the keys together takes as long as asking for them.
 */
export class FactKeys implements JudgedToken {
  readonly owner: KeyNames
  readonly query: RevocationQuery
  /** In the form in which marks hold it. */
  readonly sessionId: string | undefined
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  readonly version: number | undefined
  /** Of the token, its session, subject, client, version, issuer, and of all tokens; in this order. */
  readonly list: readonly (string | undefined)[]

  constructor(keys: KeyNames, query: RevocationQuery) {
    const { issuer, tokenId, sessionId, subject, clientId } = query
    this.owner = keys
    this.query = query
    this.sessionId = sessionId === undefined ? undefined : keys.id(sessionId)
    this.issuedAt = query.issuedAt
    this.expiresAt = query.expiresAt
    this.version = query.version
    this.list = [
      keys.entry('token', issuer, tokenId),
      sessionId === undefined ? undefined : keys.entry('session', issuer, sessionId),
      subject === undefined ? undefined : keys.entry('subject', issuer, subject),
      clientId === undefined ? undefined : keys.entry('client', issuer, clientId),
      subject === undefined ? undefined : keys.entry('version', issuer, subject),
      keys.all(issuer),
      keys.all(undefined),
    ]
  }
}

export function factKeys(
  keys: KeyNames,
  query: RevocationQuery,
  remembered: TokenMemo | undefined,
): FactKeys {
  const known = recall(remembered, FactKeys, query)
  if (known?.owner === keys) return known
  const made = new FactKeys(keys, query)
  keep(remembered, made)
  return made
}
