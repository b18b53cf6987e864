import { createHash } from 'node:crypto'

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
  /** Every revocation in order: what replicas read. */
  readonly log: string
  /** Written only where a server is too old to prove otherwise that it can be written. */
  readonly heartbeat: string
  entry(kind: EntryKind, issuer: string, id: string): string
  /** A mark over every token, or every token of one issuer. */
  all(issuer: string | undefined): string
  /** How an id is written in keys and records: sessions inside a mark are compared in this form. */
  id(id: string): string
}

export type EntryKind = 'token' | 'session' | 'subject' | 'client' | 'version'

const LETTER: Readonly<Record<EntryKind, string>> = {
  token: 'j',
  session: 'd',
  subject: 's',
  client: 'c',
  version: 'v',
}

/** Short and without a character that has a meaning in keys or records. */
const PLAIN_ID = /^[\w.:@|+-]{1,64}$/
const MAX_ISSUERS = 1000

export function createKeyNames(name: string, hashIds: boolean): KeyNames {
  const prefix = `{${name}}:`
  const aliases = new Map<string, string>()

  /** 96 bits: nobody finds a second issuer with the alias of the first. */
  function aliasOf(issuer: string): string {
    const known = aliases.get(issuer)
    if (known !== undefined) return known
    if (aliases.size >= MAX_ISSUERS) aliases.clear()
    const alias = digest(issuer).slice(0, 16)
    aliases.set(issuer, alias)
    return alias
  }

  function id(value: string): string {
    return !hashIds && PLAIN_ID.test(value) ? value : `~${digest(value)}`
  }

  return {
    prefix,
    lineage: `${prefix}lin`,
    sequence: `${prefix}seq`,
    log: `${prefix}log`,
    heartbeat: `${prefix}hb`,
    entry: (kind, issuer, value) => `${prefix}${LETTER[kind]}:${aliasOf(issuer)}:${id(value)}`,
    all: (issuer) => (issuer === undefined ? `${prefix}g` : `${prefix}g:${aliasOf(issuer)}`),
    id,
  }
}

/** Over UTF-16, because as UTF-8 all ids with a lone surrogate in the same place are one. */
function digest(value: string): string {
  return createHash('sha256').update(value, 'utf16le').digest('base64url')
}
