import { keep, recall, type TokenMemo } from '../../../core/token-memo.js'
import { issuerName } from '../../issuer-name.js'
import type { JudgedToken, RevocationQuery } from '../../store.js'
import type { Question } from './batch.js'
import type { EntryKind, KeyNames } from '../schema/key-names.js'

/**
 * The keys of all facts that could concern a token, and what of it they are compared with: one object
 * beside the token, because putting the keys together takes as long as asking for them.
 */
export class FactKeys implements JudgedToken, Question {
  readonly owner: FactQuery
  readonly query: RevocationQuery
  /** In the form in which marks hold it. */
  readonly sessionId: string | undefined
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  readonly version: number | undefined
  /** Of the token, its session, its subject. */
  readonly own: readonly string[]
  /** Of its client, its issuer, and of all tokens. */
  readonly shared: readonly string[]

  constructor(owner: FactQuery, keys: KeyNames, query: RevocationQuery) {
    const { tokenId, sessionId, subject } = query
    const issuer = issuerName(query)
    const own: string[] = []
    const want = (kind: EntryKind, id: string | undefined): void => {
      if (id !== undefined) own.push(keys.entry(kind, issuer, id))
    }
    want('token', tokenId)
    want('session', sessionId)
    want('subject', subject)
    want('version', subject)
    this.owner = owner
    this.query = query
    this.sessionId = sessionId === undefined ? undefined : keys.id(sessionId)
    this.issuedAt = query.issuedAt
    this.expiresAt = query.expiresAt
    this.version = query.version
    this.own = own
    this.shared = owner.sharedKeys(issuer, query.clientId)
  }
}

const MAX_LISTS = 1000

/** Puts together which keys a check asks for. */
export class FactQuery {
  readonly #keys: KeyNames
  readonly #lists = new Map<string, readonly string[]>()

  constructor(keys: KeyNames) {
    this.#keys = keys
  }

  keysOf(query: RevocationQuery, remembered: TokenMemo | undefined): FactKeys {
    const known = recall(remembered, FactKeys, query)
    if (known?.owner === this) return known
    const made = new FactKeys(this, this.#keys, query)
    keep(remembered, made)
    return made
  }

  /** The same list each time, so that a read knows at a glance what it asks for already. */
  sharedKeys(issuer: string, clientId: string | undefined): readonly string[] {
    const keys = this.#keys
    const client = clientId === undefined ? [] : [keys.entry('client', issuer, clientId)]
    const list = [...client, keys.all(issuer), keys.all(undefined)]
    const known = this.#lists.get(list[0]!)
    if (known !== undefined) return known
    if (this.#lists.size >= MAX_LISTS) this.#lists.clear()
    this.#lists.set(list[0]!, list)
    return list
  }
}
