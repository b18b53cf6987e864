import type { IncomingMessage } from 'node:http'
import type { Timer } from '../../core/clock.js'
import { countMembers } from '../../core/json-depth.js'
import { isRecord } from '../../core/values.js'
import { peekBody } from './body.js'
import { Fault } from './fault.js'

/** Levels of lists and objects: more than arguments of tools nest, and few enough for any parser. */
const MAX_DEPTH = 128

/** The host's own parser, where one ran, leaves the body here. */
type MaybeParsed = IncomingMessage & { readonly body?: unknown }

/**
 * What was posted, parsed: each reading that a handler may take, the stream and `req.body`. Both are
 * judged where both are there, since nobody knows which one will be used.
 */
export async function postedValues(
  req: MaybeParsed,
  timer: Timer,
): Promise<readonly unknown[] | Fault> {
  const given = givenBody(req)
  if (req.readableDidRead) {
    const detail = 'the body was read before, and req.body does not hold it'
    return given === undefined ? new Fault({ kind: 'parse', detail }) : parsed(given)
  }
  const wrongType = judgeType(req)
  if (wrongType !== undefined) return wrongType
  const bytes = await peekBody(req, timer)
  if (bytes instanceof Fault) return bytes
  const posted = parsed(bytes)
  if (given === undefined || posted instanceof Fault) return posted
  const other = parsed(given)
  return other instanceof Fault ? other : [...posted, ...other]
}

/** Parsers of Express 4 leave `{}` for what they pass over. */
function givenBody({ body, readableDidRead }: MaybeParsed): unknown {
  const isNone = !readableDidRead && isRecord(body) && Object.keys(body).length === 0
  return isNone ? undefined : body
}

/**
 * In another charset the same bytes are another text: a parser behind us that follows the charset
 * `utf-7` would see a call that we have not judged. The same holds for what is compressed.
 */
function judgeType({ headers }: IncomingMessage): Fault | undefined {
  const type = headers['content-type'] ?? ''
  const encoding = headers['content-encoding'] ?? 'identity'
  const isJson = /^application\/json[ \t]*(?:;[ \t]*charset="?utf-8"?[ \t]*)?$/i.test(type)
  if (isJson && encoding.toLowerCase() === 'identity') return undefined
  const detail = 'the body must be application/json in UTF-8, and not compressed'
  return new Fault({ kind: 'transport', detail, status: 415 })
}

function parsed(body: unknown): readonly [unknown] | Fault {
  if (typeof body === 'string') return parsed(Buffer.from(body))
  if (!(body instanceof Uint8Array)) return [body]
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  const members = countMembers(bytes, MAX_DEPTH, true)
  if (members === -1) {
    return new Fault({
      kind: 'parse',
      detail: `more than ${MAX_DEPTH} levels of lists and objects`,
    })
  }
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch {
    return new Fault({ kind: 'parse', detail: 'the body is no JSON' })
  }
  // RFC 7493 §2.3: of a name that occurs twice, another parser may take the other value.
  if (members !== membersOf(value)) {
    return new Fault({ kind: 'parse', detail: 'a name occurs twice in one object' })
  }
  return [value]
}

function membersOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const inner: readonly unknown[] = Object.values(value)
  const own = Array.isArray(value) ? 0 : inner.length
  return inner.reduce<number>((count, item) => count + membersOf(item), own)
}
