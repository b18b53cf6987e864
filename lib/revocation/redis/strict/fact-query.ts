import { keep, recall, type TokenMemo } from '../../../core/token-memo.js'
import { issuerName } from '../../issuer-name.js'
import type { JudgedToken, RevocationQuery } from '../../store.js'
import type { Question } from './batch.js'
import type { EntryKind, KeyNames } from '../schema/key-names.js'
import { KIND_LETTERS, type Kinds } from '../schema/kinds.js'

/**
 * The keys of all facts that could concern a token, of the kinds that there may be, and what of it
 * they are compared with: one object beside the token, because putting the keys together takes as
 * long as asking for them.
 */
export class FactKeys implements JudgedToken, Question {
  readonly owner: KeyNames
  readonly query: RevocationQuery
  readonly kinds: Kinds
  /** In the form in which marks hold it. */
  readonly sessionId: string | undefined
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  readonly version: number | undefined
  /** Of the token, its session, its subject. */
  readonly own: readonly string[]
  /** Of its client, its issuer, and of all tokens. */
  readonly shared: readonly string[]

  constructor(keys: KeyNames, query: RevocationQuery, kinds: Kinds) {
    const { tokenId, sessionId, subject, clientId } = query
    const issuer = issuerName(query)
    const own: string[] = []
    const shared: string[] = []
    const want = (list: string[], kind: EntryKind, id: string | undefined): void => {
      if (id === undefined || !kinds.includes(KIND_LETTERS[kind])) return
      list.push(keys.entry(kind, issuer, id))
    }
    want(own, 'token', tokenId)
    want(own, 'session', sessionId)
    want(own, 'subject', subject)
    want(own, 'version', subject)
    want(shared, 'client', clientId)
    if (kinds.includes(KIND_LETTERS.all)) shared.push(keys.all(issuer), keys.all(undefined))
    this.owner = keys
    // Who asks may change what he asked with before it is asked again.
    this.query = Object.isFrozen(query) ? query : { ...query }
    this.kinds = kinds
    this.sessionId = sessionId === undefined ? undefined : keys.id(sessionId)
    this.issuedAt = query.issuedAt
    this.expiresAt = query.expiresAt
    this.version = query.version
    this.own = own
    this.shared = shared
  }
}

export function factKeys(
  keys: KeyNames,
  query: RevocationQuery,
  kinds: Kinds,
  remembered: TokenMemo | undefined,
): FactKeys {
  const known = recall(remembered, FactKeys, query)
  if (known?.owner === keys && known.kinds === kinds) return known
  const made = new FactKeys(keys, query, kinds)
  keep(remembered, made)
  return made
}
