import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from '@jest/globals'
import { readFormParameter, readFormParameters } from '../../../lib/http/request/form-body.js'
import { AuthError } from '../../../lib/index.js'
import { manualTimer } from '../../support/manual-timer.js'

const LIMITS = { maxBytes: 100, timeoutMs: 1000 }
const REFUSED = 'invalid_request malformed_request'
const FORM = 'application/x-www-form-urlencoded'

interface Given {
  readonly type?: string | undefined
  /** What is still to be read. */
  readonly sent?: string
  /** What a parser in front left. */
  readonly parsed?: unknown
}

async function requestWith({ type = FORM, sent, parsed }: Given): Promise<IncomingMessage> {
  const req = new IncomingMessage(new Socket())
  if (type !== '') req.headers['content-type'] = type
  if (sent === undefined) {
    req.push('what the parser has read')
    req.push(null)
    await text(req)
    Object.assign(req, { body: parsed })
  } else {
    req.push(sent)
    req.push(null)
    Object.assign(req, { body: {} })
  }
  return req
}

/** The parameter `token` of a request; else the detail of the refusal. */
async function read(given: Given): Promise<string> {
  const req = await requestWith(given)
  const found = await readFormParameter(req, 'token', LIMITS, manualTimer())
  return found instanceof AuthError ? `${found.code} ${found.reason}: ${found.detail}` : found
}

describe('readFormParameter', () => {
  it.each([FORM, `${FORM};charset=utf-8`, ` ${FORM.toUpperCase()} ; charset=utf-8`])(
    'reads a form of the type "%s"',
    async (type) => {
      expect(await read({ type, sent: 'x=1&token=a%20b+c' })).toBe('a b c')
    },
  )

  it.each(['application/json', 'multipart/form-data', `${FORM}x`, `x;${FORM}`, ';', ''])(
    'refuses the type "%s", where "" is none',
    async (type) => {
      expect(await read({ type, sent: 'token=a' })).toContain(`${REFUSED}: The content type`)
    },
  )

  it.each([
    ['is not there', 'x=1', 0],
    ['is there twice', 'token=a&token=b', 2],
    ['is there under another case', 'Token=a', 0],
    ['is in an empty form', '', 0],
  ])('refuses a parameter that %s', async (_name, sent, count) => {
    expect(await read({ sent })).toBe(
      `${REFUSED}: The form has ${count} parameters "token" in place of one`,
    )
  })

  it('takes an empty parameter for one', async () => {
    expect(await read({ sent: 'token=' })).toBe('')
  })

  it.each([
    ['an object', { token: 'a' }, 'a'],
    ['an object without a prototype', Object.assign(Object.create(null), { token: 'a' }), 'a'],
    ['text', 'token=a', 'a'],
    ['bytes', Buffer.from('token=a'), 'a'],
    ['a list of one', { token: ['a'] }, 'a'],
  ])('takes what a parser in front left: %s', async (_name, parsed, token) => {
    expect(await read({ parsed })).toBe(token)
  })

  it.each([
    ['a list of two', { token: ['a', 'b'] }, 2],
    ['an empty list', { token: [] }, 0],
    ['an object in it', { token: { a: 'b' } }, 0],
    ['a number', { token: 7 }, 0],
    ['nothing of that name', {}, 0],
    ['an inherited name', Object.create({ token: 'a' }), 0],
    ['a list', ['token=a'], 0],
    ['text with two', 'token=a&token=a', 2],
    ['null', null, 0],
  ])('refuses what a parser in front left: %s', async (_name, parsed, count) => {
    expect(await read({ parsed })).toContain(`${REFUSED}: The form has ${count} parameters`)
  })

  it('says so where a body was read and kept nowhere', async () => {
    expect(await read({ parsed: undefined })).toContain(`${REFUSED}: The body was read before`)
  })
})

/** All of a form, as often as it came; else the reason of the refusal. */
async function all(given: Given): Promise<unknown> {
  const found = await readFormParameters(await requestWith(given), LIMITS, manualTimer())
  return found instanceof AuthError ? `${found.code} ${found.reason}` : [...found]
}

describe('readFormParameters', () => {
  it('reads all of a form, in its order and as often as it came', async () => {
    expect(await all({ sent: 'b=1&a=%20&b=2&c' })).toEqual([
      ['b', '1'],
      ['a', ' '],
      ['b', '2'],
      ['c', ''],
    ])
  })

  it.each([
    ['text', 'a=1&a=2'],
    ['bytes', Buffer.from('a=1&a=2')],
    ['an object', { a: ['1', '2'] }],
  ])('takes what a parser in front left: %s', async (_name, parsed) => {
    expect(await all({ parsed })).toEqual([
      ['a', '1'],
      ['a', '2'],
    ])
  })

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['an inherited name', Object.create({ a: '1' })],
    ['what is neither text nor a list', { a: 7, b: { c: '1' } }],
  ])('finds none in what a parser in front left: %s', async (_name, parsed) => {
    expect(await all({ parsed })).toEqual([])
  })

  it('refuses what is no form', async () => {
    expect(await all({ type: 'application/json', sent: 'a=1' })).toBe(REFUSED)
  })

  it('refuses a form that is too long', async () => {
    expect(await all({ sent: `a=${'1'.repeat(LIMITS.maxBytes)}` })).toMatch(/^invalid_request /)
  })
})
