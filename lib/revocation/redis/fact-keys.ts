import type { RevocationFacts } from '../facts.js'
import type { RevocationQuery } from '../store.js'
import type { KeyNames } from './keys.js'

/** Keys of the facts that could concern a token. */
export type FactKeys = Partial<Record<Exclude<keyof RevocationFacts, 'floor'>, string>>

const remembered = new WeakMap<
  RevocationQuery,
  { readonly keys: KeyNames; readonly names: FactKeys }
>()

/**
 * The key of each fact that could concern a token. Seven keys take longer to put together than a
 * replica takes to look them up, and a verified token is the same frozen object in each of its
 * requests, so its keys are remembered for as long as it is.
 */
export function factKeys(keys: KeyNames, query: RevocationQuery): FactKeys {
  const known = remembered.get(query)
  if (known?.keys === keys) return known.names
  const names = namesFor(keys, query)
  if (Object.isFrozen(query)) remembered.set(query, { keys, names })
  return names
}

function namesFor(keys: KeyNames, query: RevocationQuery): FactKeys {
  const { issuer, tokenId, sessionId, subject, clientId } = query
  const names: FactKeys = {
    all: keys.all(undefined),
    issuer: keys.all(issuer),
    token: keys.entry('token', issuer, tokenId),
  }
  if (sessionId !== undefined) names.session = keys.entry('session', issuer, sessionId)
  if (clientId !== undefined) names.client = keys.entry('client', issuer, clientId)
  if (subject !== undefined) {
    names.subject = keys.entry('subject', issuer, subject)
    names.version = keys.entry('version', issuer, subject)
  }
  return names
}

/** Marks hold sessions in the form in which keys hold ids. */
export function withKeySession(keys: KeyNames, query: RevocationQuery): RevocationQuery {
  if (query.sessionId === undefined) return query
  const sessionId = keys.id(query.sessionId)
  return sessionId === query.sessionId ? query : { ...query, sessionId }
}
