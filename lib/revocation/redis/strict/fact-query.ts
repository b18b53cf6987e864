import { issuerName } from '../../issuer-name.js'
import type { JudgedToken, RevocationQuery } from '../../store.js'
import type { Tolerances } from '../../tolerances.js'
import type { Question } from './batch.js'
import type { EntryKind, KeyNames } from '../schema/key-names.js'

/**
 * The keys of all facts that could concern a token, and what of it they are compared with.
 */
export class QueryKeys implements JudgedToken, Question {
  /** In the form in which marks hold it. */
  readonly sessionId: string | undefined
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  readonly version: number | undefined
  /** Of the token, its session, its subject and the version of its tokens. */
  readonly own: readonly string[]
  /** Of its client, its issuer, and of all tokens. */
  readonly shared: readonly string[]

  constructor(keys: KeyNames, query: RevocationQuery, shared: readonly string[]) {
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
    this.sessionId = sessionId === undefined ? undefined : keys.id(sessionId)
    this.issuedAt = query.issuedAt
    this.expiresAt = query.expiresAt
    this.version = query.version
    this.own = own
    this.shared = shared
  }
}

const MAX_LISTS = 1000

/**
 * Knows which keys a check asks for. Those of a token are kept beside it, because putting them together
 * takes as long as asking for them; of a query that may still change, nothing is kept.
 */
export class FactQuery {
  readonly #keys: KeyNames
  readonly #tolerances: Tolerances
  readonly #beside = new WeakMap<RevocationQuery, QueryKeys>()
  readonly #lists = new Map<string, readonly string[]>()

  constructor(keys: KeyNames, tolerances: Tolerances) {
    this.#keys = keys
    this.#tolerances = tolerances
  }

  keysOf(query: RevocationQuery): QueryKeys {
    const known = this.#beside.get(query)
    if (known !== undefined) return known
    this.#tolerances.learn(query)
    const made = new QueryKeys(this.#keys, query, this.#sharedKeys(query))
    if (Object.isFrozen(query)) this.#beside.set(query, made)
    return made
  }

  /** The same list each time, so that a read knows at a glance what it asks for already. */
  #sharedKeys(query: RevocationQuery): readonly string[] {
    const keys = this.#keys
    const { clientId } = query
    const issuer = issuerName(query)
    const client = clientId === undefined ? [] : [keys.entry('client', issuer, clientId)]
    const list = [...client, keys.all(issuer), keys.all(undefined)]
    const known = this.#lists.get(list[0]!)
    if (known !== undefined) return known
    if (this.#lists.size >= MAX_LISTS) this.#lists.clear()
    this.#lists.set(list[0]!, list)
    return list
  }
}
