import type { Mark, RevocationFacts } from '../../facts.js'
import { issuerName } from '../../issuer-name.js'
import type { RevocationValue } from '../../revocations.js'
import type { JudgedToken, RevocationQuery } from '../../store.js'
import type { Tolerances } from '../../tolerances.js'
import {
  KIND_LETTERS,
  type EntryKind,
  type IssuerPrefixes,
  type KeyNames,
} from '../schema/key-names.js'
import { NOWHERE, type Fingerprint, type NameHash, type RevocationTable } from './table.js'

type Kind = keyof typeof KIND_LETTERS

const KINDS: readonly Kind[] = ['token', 'session', 'subject', 'client', 'version', 'all']

/** Keeps facts in a table, and finds those that could concern a token. */
export interface FactLookup {
  /** @throws TableFull */
  merge(name: string, value: RevocationValue, until: number): void
  placesOf(query: RevocationQuery): FactPlaces
  at(places: FactPlaces, floor: number | undefined): RevocationFacts
}

export function createFactLookup(
  keys: KeyNames,
  table: RevocationTable,
  tolerances: Tolerances,
): FactLookup {
  const start = table.begin('')
  const placeOf = (key: string): Fingerprint =>
    table.fingerprint(start, key.slice(keys.prefix.length))
  const all = placeOf(keys.all(undefined))
  /** Hashing the names of a token costs more than looking for them. */
  const beside = new WeakMap<RevocationQuery, FactPlaces>()
  let last: IssuerPlaces | undefined
  /** Kinds that were ever merged: in a large table each look-up is a wait for memory. */
  const held = {
    token: false,
    session: false,
    subject: false,
    client: false,
    version: false,
    all: false,
  }

  /** Nearly always the issuer of the token before. */
  function issuerPlaces(issuer: string): IssuerPlaces {
    const prefixes = keys.of(issuer)
    if (last?.prefixes !== prefixes) {
      const begin = (kind: EntryKind): NameHash =>
        table.begin(prefixes[kind].slice(keys.prefix.length))
      last = {
        prefixes,
        all,
        issuer: placeOf(prefixes.all),
        token: begin('token'),
        session: begin('session'),
        subject: begin('subject'),
        client: begin('client'),
        version: begin('version'),
      }
    }
    return last
  }

  function find(kind: Kind, low: number, high: number): RevocationValue | undefined {
    return held[kind] ? table.get(low, high) : undefined
  }

  return {
    placesOf(query) {
      const known = beside.get(query)
      if (known !== undefined) return known
      tolerances.learn(query)
      const places = new FactPlaces(keys, table, issuerPlaces(issuerName(query)), query)
      // Nothing is kept of a query that may still change.
      if (Object.isFrozen(query)) beside.set(query, places)
      return places
    },
    merge(name, value, until) {
      const letter = name.charAt(0)
      for (const kind of KINDS) if (KIND_LETTERS[kind] === letter) held[kind] = true
      table.merge(name, value, until)
    },
    at(places, floor) {
      return {
        token: find('token', places.tokenLow, places.tokenHigh) !== undefined,
        session: find('session', places.sessionLow, places.sessionHigh) !== undefined,
        subject: markOf(find('subject', places.subjectLow, places.subjectHigh)),
        client: secondOf(find('client', places.clientLow, places.clientHigh)),
        version: secondOf(find('version', places.versionLow, places.versionHigh)),
        issuer: secondOf(find('all', ...places.shared.issuer)),
        all: secondOf(find('all', ...places.shared.all)),
        floor,
      }
    },
  }
}

/** What the places of all tokens of one issuer have in common. */
interface IssuerPlaces extends Readonly<Record<EntryKind, NameHash>> {
  readonly prefixes: IssuerPrefixes
  readonly issuer: Fingerprint
  readonly all: Fingerprint
}

/**
 * Where the facts about one token lie, and what of it they are compared with: one object of small
 * integers, because with many tokens in use each further object is one more wait for memory.
 */
class FactPlaces implements JudgedToken {
  readonly shared: IssuerPlaces
  readonly sessionId: string | undefined
  readonly issuedAt: number | undefined
  readonly expiresAt: number
  readonly version: number | undefined
  readonly tokenLow: number
  readonly tokenHigh: number
  readonly sessionLow: number
  readonly sessionHigh: number
  readonly subjectLow: number
  readonly subjectHigh: number
  readonly clientLow: number
  readonly clientHigh: number
  readonly versionLow: number
  readonly versionHigh: number

  constructor(
    keys: KeyNames,
    table: RevocationTable,
    shared: IssuerPlaces,
    query: RevocationQuery,
  ) {
    const place = (kind: EntryKind, id: string | undefined): Fingerprint =>
      id === undefined ? NOWHERE : table.fingerprint(shared[kind], id)
    const id = (value: string | undefined): string | undefined =>
      value === undefined ? undefined : keys.id(value)
    const subject = id(query.subject)
    this.shared = shared
    this.sessionId = id(query.sessionId)
    this.issuedAt = query.issuedAt
    this.expiresAt = query.expiresAt
    this.version = query.version
    ;[this.tokenLow, this.tokenHigh] = place('token', keys.id(query.tokenId))
    ;[this.sessionLow, this.sessionHigh] = place('session', this.sessionId)
    ;[this.subjectLow, this.subjectHigh] = place('subject', subject)
    ;[this.clientLow, this.clientHigh] = place('client', id(query.clientId))
    ;[this.versionLow, this.versionHigh] = place('version', subject)
  }
}

function markOf(value: RevocationValue | undefined): Mark | undefined {
  if (typeof value === 'object') return value
  return value === undefined ? undefined : { notBefore: Number(value), sessions: new Map() }
}

function secondOf(value: RevocationValue | undefined): number | undefined {
  if (typeof value === 'object') return value.notBefore
  return value === undefined ? undefined : Number(value)
}
