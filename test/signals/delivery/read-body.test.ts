import { describe, expect, it } from '@jest/globals'
import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { readPosted, textOf } from '../../../lib/signals/delivery/read-body.js'

const isJson = (type: string): boolean => type === 'application/json'

const parsed = (body: unknown, type?: string): IncomingMessage =>
  ({ headers: { 'content-type': type }, readableDidRead: true, body }) as unknown as IncomingMessage

function unread(...chunks: readonly string[]): IncomingMessage {
  const body = Readable.from(chunks.map((chunk) => Buffer.from(chunk)))
  const headers = { 'content-type': 'application/json' }
  return Object.assign(body, { headers, body: 'of nobody' }) as unknown as IncomingMessage
}

describe('readPosted', () => {
  it.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    ' application/json ;x',
  ])('takes the content type %p', async (type) =>
    expect(await readPosted(parsed({ a: 1 }, type), isJson)).toEqual({ a: 1 }),
  )

  it.each([undefined, '', 'text/plain', 'application/jsonp', 'text/plain; application/json'])(
    'refuses the content type %p',
    async (type) => {
      const refusal = await readPosted(parsed({}, type), isJson)
      expect(refusal).toMatchObject({ code: 'invalid_request', reason: 'malformed_signal' })
    },
  )

  it('reads a body that nobody has read, whatever else stands in its place', async () => {
    expect(textOf(await readPosted(unread('{"a"', ':1}'), isJson))).toBe('{"a":1}')
  })

  it('takes 64 KiB', async () => {
    expect(textOf(await readPosted(unread('a'.repeat(65_536)), isJson))).toHaveLength(65_536)
  })

  it('takes no byte more', async () => {
    const refusal = await readPosted(unread('a'.repeat(65_537)), isJson)
    expect(refusal).toMatchObject({ code: 'invalid_request', reason: 'malformed_request' })
  })
})

it.each([
  ['a', 'a'],
  [Buffer.from('é'), 'é'],
  [Buffer.from([0xc3]), undefined],
  [{ a: 1 }, undefined],
  [undefined, undefined],
])('takes text for what it is: %p', (body, text) => {
  expect(textOf(body)).toBe(text)
})
