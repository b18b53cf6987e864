import type { IncomingMessage } from 'node:http'
import { Readable } from 'node:stream'
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib'
import { expect, it } from '@jest/globals'
import { readText } from '../../../lib/net/fetch/response-text.js'

function response(body: Buffer, headers: Readonly<Record<string, string>> = {}): IncomingMessage {
  return Object.assign(Readable.from([body]), { headers }) as unknown as IncomingMessage
}

const TEXT = 'schlüssel'.repeat(10)
const BYTES = Buffer.byteLength(TEXT)

it.each([
  ['none', (body: Buffer) => body, {}],
  ['identity', (body: Buffer) => body, { 'content-encoding': 'identity' }],
  ['gzip', gzipSync, { 'content-encoding': 'GZIP' }],
  ['deflate', deflateSync, { 'content-encoding': 'deflate' }],
  ['br', brotliCompressSync, { 'content-encoding': 'br' }],
])('readText: the encoding %s, up to the cap', async (_name, encode, headers) => {
  const body = encode(Buffer.from(TEXT))
  expect(await readText(response(body, headers), BYTES)).toBe(TEXT)
  await expect(readText(response(body, headers), BYTES - 1)).rejects.toThrow(
    /^The answer is larger/,
  )
})

it.each([
  [
    'a length above the cap',
    Buffer.from('x'),
    { 'content-length': '1000' },
    /larger than 91 bytes/,
  ],
  ['an unknown encoding', Buffer.from('x'), { 'content-encoding': 'rot13' }, /unknown content/],
  ['bytes that are not UTF-8', Buffer.of(0xff), {}, /./],
  ['broken gzip', Buffer.from('x'), { 'content-encoding': 'gzip' }, /./],
])('readText refuses %s', async (_name, body, headers, complaint) => {
  await expect(readText(response(body, headers), 91)).rejects.toThrow(complaint)
})
