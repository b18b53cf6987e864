import type { Timer } from '../../../core/clock.js'
import { withDeadline } from '../../../core/deadline.js'
import type { RevocationValue } from '../../revocations.js'
import type { ClientOpener, RedisClient } from '../../../redis/source/client.js'
import { KIND_LETTERS, type KeyNames } from '../schema/key-names.js'
import { createLink, type Link } from '../../../redis/asking/link.js'
import { parseFlag, parseMark, parseNumber } from '../schema/records.js'
import { wordsOf } from '../../../redis/safe-errors.js'

export interface LogEntry {
  readonly sequence: number
  /** The key of the entry, without the prefix of all keys. */
  readonly name: string
  readonly value: RevocationValue
  /** Second after which it may be forgotten. */
  readonly until: number
}

export interface LogListener {
  /** The rest begins at the first entry there is. */
  started(): void
  /** Throws where it cannot take them: the reader begins again. `last` is the id of the last one. */
  entries(entries: readonly LogEntry[], last: string): void
}

/** Follows the log over a connection of its own. */
export interface LogReader {
  /** Goes on over a new connection. */
  reconnect(): void
  /** Begins at the first entry again. */
  restart(): void
  /** Why nothing is being read. */
  readonly trouble: string | undefined
  close(): void
}

/**
 * Enough to load fast, few enough that applying a page does not hold up requests. The first pages run
 * in code that is not compiled yet, ten times slower: they are small, and each is twice the last.
 */
const PAGE_ENTRIES = { first: 32, most: 500 }
const BLOCK_MS = 1000
/** Past the end of BLOCK_MS by so much, nobody is there to answer. */
const GRACE_MS = 1000
const RETRY_MS = 100
const FROM_START = '0-0'

export function createLogReader(
  opener: ClientOpener,
  keys: KeyNames,
  timer: Timer,
  listener: LogListener,
): LogReader {
  let link: Link
  let closed = false
  let trouble: string | undefined
  let after = FROM_START
  let pageEntries = PAGE_ENTRIES.first
  /** Each run of the loop has its own; one that is no longer the current one ends. */
  let run = 0

  function open(): void {
    link = createLink(opener, timer, { up: () => void follow(), down: endRun })
  }

  function endRun(): void {
    run += 1
  }

  async function follow(): Promise<void> {
    endRun()
    const mine = run
    try {
      for (;;) {
        const client = mine === run ? link.client : undefined
        if (client === undefined) return
        const page = await withDeadline(read(client), BLOCK_MS + GRACE_MS, timer)
        if (mine === run) deliver(page)
      }
    } catch (error) {
      trouble = wordsOf(error)
      if (mine === run) timer.after(RETRY_MS, () => mine === run && reconnect())
    }
  }

  function read(client: RedisClient): Promise<readonly RawEntry[]> {
    const streams = ['STREAMS', keys.log, after]
    return client
      .call('xread', ['COUNT', pageEntries, 'BLOCK', BLOCK_MS, ...streams])
      .then(parseReply)
  }

  function deliver(page: readonly RawEntry[]): void {
    trouble = undefined
    const last = page.at(-1)?.[0]
    if (last === undefined) return
    try {
      listener.entries(
        page.map(([, fields]) => parseEntry(fields)),
        last,
      )
      after = last
      pageEntries = Math.min(PAGE_ENTRIES.most, pageEntries * 2)
    } catch (error) {
      begin()
      throw error
    }
  }

  function begin(): void {
    after = FROM_START
    listener.started()
  }

  function reconnect(): void {
    endRun()
    link.close()
    if (!closed) open()
  }

  open()
  return {
    reconnect,
    restart() {
      begin()
      reconnect()
    },
    get trouble() {
      return trouble ?? (link.trouble && wordsOf(link.trouble))
    },
    close() {
      closed = true
      endRun()
      link.close()
    },
  }
}

type RawEntry = readonly [id: string, fields: readonly string[]]

/** `[[key, [[id, [field, value, ...]], ...]]]`, or null when nothing came. */
function parseReply(reply: unknown): readonly RawEntry[] {
  if (reply === null) return []
  const entries: unknown = Array.isArray(reply) && Array.isArray(reply[0]) ? reply[0][1] : undefined
  if (Array.isArray(entries) && entries.every(isRawEntry)) return entries
  throw new Error('Redis answered XREAD oddly')
}

function isRawEntry(entry: unknown): entry is RawEntry {
  if (!Array.isArray(entry) || typeof entry[0] !== 'string') return false
  const fields: unknown = entry[1]
  return Array.isArray(fields) && fields.every((field) => typeof field === 'string')
}

function parseEntry(fields: readonly string[]): LogEntry {
  const [, sequence, , name = '', , record = '', , until] = fields
  if (fields.length !== 8 || fields[0] !== 'n' || fields[2] !== 'k') {
    throw new Error('the log has an entry of a format that this version does not know')
  }
  return {
    sequence: Number(sequence),
    name,
    value: parseValue(name, record),
    until: Number(until) / 1000,
  }
}

function parseValue(name: string, record: string): RevocationValue {
  switch (name.charAt(0)) {
    case KIND_LETTERS.token:
    case KIND_LETTERS.session:
      parseFlag(record)
      return true
    case KIND_LETTERS.subject:
      return parseMark(record)!
    case KIND_LETTERS.client:
    case KIND_LETTERS.version:
    case KIND_LETTERS.all:
      return parseNumber(record)!
    default:
      throw new Error('the log has an entry of a kind that this version does not know')
  }
}
