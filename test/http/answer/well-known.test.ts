import { describe, expect, it } from '@jest/globals'
import type { Answer } from '../../../lib/http/answer/answer.js'
import { publicDocument } from '../../../lib/http/answer/well-known.js'

const PATH = '/.well-known/thing'
const serve = publicDocument({ name: 'caf\u00E9' }, [PATH, `${PATH}?a=1`])

function ask(target: string, method = 'GET', ifNoneMatch?: string): Answer | undefined {
  return serve({ method, target, ifNoneMatch })
}

const found = ask(PATH)!
const ETAG = String(new Map(found.headers).get('ETag'))

describe('publicDocument', () => {
  it.each(['GET', 'HEAD'])('answers %s with the document, to any page', (method) => {
    expect(ask(PATH, method)).toEqual({
      status: 200,
      headers: [
        ['Access-Control-Allow-Origin', '*'],
        ['Cache-Control', 'public, max-age=300'],
        ['ETag', expect.stringMatching(/^"[\w-]{22}"$/)],
        ['Content-Type', 'application/json'],
        ['Content-Length', '16'],
      ],
      body: '{"name":"caf\u00E9"}',
    })
  })

  it.each([
    [PATH, true],
    [`${PATH}?a=1`, true],
    [`https://proxy.test${PATH}`, true],
    [`https://proxy.test${PATH}?a=1`, true],
    [`${PATH}?a=2`, false],
    [`${PATH}/`, false],
    [`//proxy.test${PATH}`, false],
    ['*', false],
    ['', false],
  ])('is at its paths alone, query and all: %s', (target, isThere) => {
    expect(ask(target) !== undefined).toBe(isThere)
    expect(ask(target, 'OPTIONS') !== undefined).toBe(isThere)
  })

  it('answers a preflight', () => {
    expect(ask(PATH, 'OPTIONS')).toEqual({
      status: 204,
      headers: [
        ['Access-Control-Allow-Origin', '*'],
        ['Access-Control-Allow-Methods', 'GET, HEAD, OPTIONS'],
        ['Access-Control-Allow-Headers', '*'],
        ['Access-Control-Max-Age', '300'],
      ],
      body: '',
    })
  })

  it.each(['POST', 'PUT', 'DELETE', 'get'])('refuses %s', (method) => {
    expect(ask(PATH, method)).toEqual({
      status: 405,
      headers: [
        ['Access-Control-Allow-Origin', '*'],
        ['Allow', 'GET, HEAD, OPTIONS'],
        ['Content-Length', '0'],
      ],
      body: '',
    })
  })

  it.each([
    [undefined, 200],
    ['', 200],
    ['"other"', 200],
    [ETAG, 304],
    [`W/${ETAG}`, 304],
    [`"other" , W/${ETAG} `, 304],
    [' * ', 304],
    [`"*", "other"`, 200],
    [ETAG.slice(1, -1), 200],
    [`XW/${ETAG}`, 200],
    [`${ETAG.slice(0, 3)}W/${ETAG.slice(3)}`, 200],
  ])('compares If-None-Match: %s gets %i', (ifNoneMatch, status) => {
    expect(ask(PATH, 'GET', ifNoneMatch)?.status).toBe(status)
  })

  it('says nothing of its content where that is known', () => {
    expect(ask(PATH, 'GET', ETAG)).toEqual({
      status: 304,
      headers: found.headers.slice(0, 3),
      body: '',
    })
  })

  it('has another tag for another document', () => {
    const other = publicDocument({}, [PATH])({ method: 'GET', target: PATH, ifNoneMatch: ETAG })
    expect(other?.status).toBe(200)
  })
})
