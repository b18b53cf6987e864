import { describe, expect, it } from '@jest/globals'
import type { Answer } from '../../../lib/http/answer/answer.js'
import { toResponse } from '../../../lib/http/answer/to-response.js'

const ANSWER: Answer = { status: 401, headers: [['Content-Type', 'text/plain']], body: 'no' }

describe('toResponse', () => {
  it('sends status, headers and body', async () => {
    const response = toResponse(ANSWER, 'GET', [])
    expect([response.status, [...response.headers]]).toEqual([
      401,
      [['content-type', 'text/plain']],
    ])
    expect(await response.text()).toBe('no')
  })

  it.each([
    ['HEAD', ANSWER, false],
    ['POST', ANSWER, true],
    ['GET', { ...ANSWER, status: 204, body: '' }, false],
    ['GET', { ...ANSWER, status: 304, body: '' }, false],
  ])('answers %s with a body where there may be one', (method, answer, hasBody) => {
    expect(toResponse(answer, method, []).body !== null).toBe(hasBody)
  })

  it('sends a list as that many lines', () => {
    const headers: Answer['headers'] = [['WWW-Authenticate', ['Bearer realm="r"', 'DPoP']]]
    const { headers: sent } = toResponse({ ...ANSWER, headers }, 'GET', [])
    expect(sent.get('www-authenticate')).toBe('Bearer realm="r", DPoP')
  })

  it.each([
    ['its own', [], 'Origin'],
    ['those of the whole decision', ['Cookie', 'Origin'], 'Cookie, Origin'],
  ])('varies by %s', (_name, vary, expected) => {
    const headers: Answer['headers'] = [['Vary', 'Origin'], ...ANSWER.headers]
    const { headers: sent } = toResponse({ ...ANSWER, headers }, 'GET', vary)
    expect(sent.get('vary')).toBe(expected)
    expect(sent.get('content-type')).toBe('text/plain')
  })
})
