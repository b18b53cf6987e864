import { digest, idDigest, MAX_PLAIN_ID } from '../../ids.js'

/**
 * Where everything lies in Redis. All keys share one hash tag, so one MGET and one script reach
 * them all on a Cluster too.
 */
export interface KeyNames {
  /** What every key begins with; the rest of an entry's key is its name in the log. */
  readonly prefix: string
  /** Who created these data, when, and what tokens they cannot speak for. */
  readonly lineage: string
  /** Grows by one with each revocation. */
  readonly sequence: string
  /** What builds before this one counted kinds of entries in. Never read. */
  readonly retiredKinds: string
  /** Every revocation in order: what replicas read. */
  readonly log: string
  /** Never there: beats ask for it to learn whether this server takes writes, and has our whole slot. */
  readonly heartbeat: string
  entry(kind: EntryKind, issuer: string, id: string): string
  /** Says in which lineage the entry of that name was repeated. */
  beside(entry: string): string
  /** How many entries of a kind one user has had of late. */
  counter(kind: EntryKind, issuer: string, subject: string): string
  /** What the keys of one issuer's entries begin with: the same object each time. */
  of(issuer: string): IssuerPrefixes
  /** A mark over every token, or every token of one issuer. */
  all(issuer: string | undefined): string
  /** How an id is written in keys and records: sessions inside a mark are compared in this form. */
  id(id: string): string
}

/** What names of entries begin with. `all`: marks over one issuer or every one. */
export const KIND_LETTERS = {
  token: 'j',
  session: 'd',
  subject: 's',
  client: 'c',
  version: 'v',
  all: 'g',
} as const

export type EntryKind = Exclude<keyof typeof KIND_LETTERS, 'all'>

export interface IssuerPrefixes extends Readonly<Record<EntryKind | 'all', string>> {
  readonly issuer: string
}

/** Short and without a character that has a meaning in keys or records. */
const PLAIN_ID = new RegExp(`^[\\w.:@|+-]{1,${MAX_PLAIN_ID}}$`)
const MAX_ISSUERS = 1000
/** 96 bits: nobody finds a second issuer with the alias of the first. */
const SHORT_DIGEST = 16

export function createKeyNames(name: string, hashIds: boolean): KeyNames {
  const prefix = `{${name}}:`
  const issuers = new Map<string, IssuerPrefixes>()
  let last: IssuerPrefixes | undefined

  /** Asked for several times with each check, and nearly always for the same issuer. */
  function prefixesOf(issuer: string): IssuerPrefixes {
    if (last?.issuer !== issuer) last = issuers.get(issuer) ?? remember(issuer)
    return last
  }

  function remember(issuer: string): IssuerPrefixes {
    if (issuers.size >= MAX_ISSUERS) issuers.clear()
    const prefixes = createIssuerPrefixes(prefix, issuer)
    issuers.set(issuer, prefixes)
    return prefixes
  }

  function id(value: string): string {
    return !hashIds && PLAIN_ID.test(value) ? value : idDigest(value)
  }

  return {
    prefix,
    lineage: `${prefix}lin`,
    sequence: `${prefix}seq`,
    retiredKinds: `${prefix}kin`,
    log: `${prefix}log`,
    heartbeat: `${prefix}hb`,
    entry: (kind, issuer, value) => prefixesOf(issuer)[kind] + id(value),
    beside: (entry) => `${prefix}r${entry}`,
    counter: (kind, issuer, subject) =>
      `${prefix}n${digest(prefixesOf(issuer)[kind] + id(subject)).slice(0, SHORT_DIGEST)}`,
    of: prefixesOf,
    all: (issuer) => (issuer === undefined ? prefix + KIND_LETTERS.all : prefixesOf(issuer).all),
    id,
  }
}

function createIssuerPrefixes(prefix: string, issuer: string): IssuerPrefixes {
  const alias = digest(issuer).slice(0, SHORT_DIGEST)
  const of = (kind: EntryKind): string => `${prefix}${KIND_LETTERS[kind]}:${alias}:`
  return {
    issuer,
    token: of('token'),
    session: of('session'),
    subject: of('subject'),
    client: of('client'),
    version: of('version'),
    all: `${prefix}${KIND_LETTERS.all}:${alias}`,
  }
}
