import { Readable } from 'node:stream'
import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from '@jest/globals'
import { Fault } from '../../../lib/mcp/message/fault.js'
import { postedValues } from '../../../lib/mcp/message/posted.js'
import { manualTimer } from '../../support/manual-timer.js'

interface Post {
  readonly text?: string | Buffer
  readonly type?: string
  readonly encoding?: string
  /** As a parser left it. */
  readonly body?: unknown
  /** Whether somebody has read the stream before. */
  readonly read?: boolean
}

async function posted({
  text = '{"a":1}',
  type = 'application/json',
  encoding,
  body,
  read,
}: Post): Promise<unknown> {
  const req = Readable.from([Buffer.from(text)], { objectMode: false })
  if (read === true) for await (const chunk of req) void chunk
  const headers = { 'content-type': type, 'content-encoding': encoding }
  const outcome = await postedValues(
    Object.assign(req, { headers, body, complete: true }) as unknown as IncomingMessage,
    manualTimer(),
  )
  if (!(outcome instanceof Fault)) return outcome
  return `${outcome.answer(null).status} ${outcome.error.detail}`
}

const TYPE = '415 the body must be application/json in UTF-8, and not compressed'
const TWICE = '400 a name occurs twice in one object'
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)

describe('what was posted', () => {
  it.each<[string, Post, unknown]>([
    ['is read from the stream', {}, [{ a: 1 }]],
    ['is read in UTF-8, said aloud', { type: 'Application/JSON ; charset="UTF-8"' }, [{ a: 1 }]],
    ['is read where it is not compressed, said aloud', { encoding: 'Identity' }, [{ a: 1 }]],
    ['is read from both where both are there', { body: { b: 2 } }, [{ a: 1 }, { b: 2 }]],
    ['is not the {} of a parser that passed over it', { body: {} }, [{ a: 1 }]],
    ['is the body where the stream was read', { read: true, body: { b: 2 } }, [{ b: 2 }]],
    ['is an empty object where that was read', { read: true, body: {} }, [{}]],
    ['is a text that was read', { read: true, body: '{"b":2}' }, [{ b: 2 }]],
    ['is bytes that were read', { read: true, body: new Uint8Array(Buffer.from('[1]')) }, [[1]]],
    ['is nested 128 levels', { text: nested(128) }, [JSON.parse(nested(128))]],
  ])('%s', async (_name, post, expected) => {
    expect(await posted(post)).toEqual(expected)
  })

  it.each<[string, Post, string]>([
    ['of another type', { type: 'text/plain' }, TYPE],
    ['of no type', { type: '' }, TYPE],
    ['in another charset', { type: 'application/json; charset=utf-7' }, TYPE],
    ['of a type that ends alike', { type: 'x-application/json' }, TYPE],
    ['of a type that begins alike', { type: 'application/json-seq' }, TYPE],
    ['that is compressed', { encoding: 'gzip' }, TYPE],
    ['that is no JSON', { text: '{' }, '400 the body is no JSON'],
    ['that is empty', { text: '' }, '400 the body is no JSON'],
    ['in which a name occurs twice', { text: '{"a":1,"a":2}' }, TWICE],
    ['in which a name occurs twice, deep in it', { text: '[{"b":[{"a":1,"a":1}]}]' }, TWICE],
    ['nested 129 levels', { text: nested(129) }, '400 more than 128 levels of lists and objects'],
    ['whose other reading is no JSON', { body: 'x' }, '400 the body is no JSON'],
    [
      'that was read, and is not there',
      { read: true },
      '400 the body was read before, and req.body does not hold it',
    ],
  ])('is refused: %s', async (_name, post, fault) => {
    expect(await posted(post)).toBe(fault)
  })
})
