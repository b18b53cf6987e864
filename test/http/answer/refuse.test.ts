import { IncomingMessage, ServerResponse, type IncomingHttpHeaders } from 'node:http'
import { Socket } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import { refuse } from '../../../lib/http/answer/refuse.js'
import type { RefusalStyle } from '../../../lib/http/answer/style.js'
import {
  AuthError,
  type AuthErrorCode,
  type AuthErrorOptions,
} from '../../../lib/core/verdicts/errors.js'

const FORBIDDEN = 'insufficient_scope'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

function answerTo(
  error: AuthError,
  {
    headers = {},
    method = 'GET',
    before = {},
    style,
  }: {
    readonly headers?: IncomingHttpHeaders
    readonly method?: string
    readonly before?: Readonly<Record<string, string>>
    readonly style?: RefusalStyle
  } = {},
): Answer {
  const req = new IncomingMessage(new Socket())
  Object.assign(req, { headers, method })
  const res = new ServerResponse(req)
  for (const [name, value] of Object.entries(before)) res.setHeader(name, value)
  let body = ''
  res.end = (chunk?: unknown) => {
    body = typeof chunk === 'string' ? chunk : ''
    return res
  }
  refuse(req, res, error, style)
  return { status: res.statusCode, headers: { ...res.getHeaders() }, body }
}

function errorOf(code: AuthErrorCode, options: Partial<AuthErrorOptions> = {}): AuthError {
  return new AuthError(code, { reason: 'revoked', ...options })
}

describe('refuse', () => {
  it('answers HEAD without a body, and with the length of the one to GET (9110-16)', () => {
    const [get, head] = ['GET', 'HEAD'].map((method) => answerTo(errorOf(FORBIDDEN), { method }))
    expect(head).toEqual({ ...get, body: '' })
  })

  it('answers as the request asks, in the style of the guard that refused', () => {
    const style = { realm: 'r', errorFormat: 'oauth' } as const
    const headers = { accept: 'application/problem+json', authorization: 'DPoP x' }
    const schemes = { ...style, schemes: ['Bearer', 'DPoP'] }
    const problem = answerTo(errorOf('invalid_token'), { headers, style: schemes })
    expect(problem.headers).toMatchObject({
      'content-type': 'application/problem+json',
      'www-authenticate': ['Bearer realm="r"', expect.stringMatching(/^DPoP realm="r", error=/)],
    })
    const plain = answerTo(errorOf('invalid_token'))
    expect(plain.headers['www-authenticate']).toMatch(/^Bearer realm="api", error=/)
    expect(JSON.parse(plain.body)).toHaveProperty('error', 'invalid_token')
  })

  it('exposes what a page must read beside what was exposed before', () => {
    const before = { 'Access-Control-Expose-Headers': 'X-Id' }
    const { headers } = answerTo(errorOf('use_dpop_nonce', { nonce: 'n' }), { before })
    expect(headers['access-control-expose-headers']).toBe('X-Id, DPoP-Nonce, WWW-Authenticate')
  })

  it('says that a CSRF refusal depends on where the request came from, and others do not', () => {
    const { headers } = answerTo(errorOf('csrf_cross_site'), { before: { vary: 'Accept' } })
    expect(headers['vary']).toBe('Accept, Origin, Sec-Fetch-Site')
    expect(answerTo(errorOf('invalid_token')).headers).not.toHaveProperty('vary')
  })

  it('takes back what handlers before said of their own answer', () => {
    const before = { ETag: '"1"', 'Content-Type': 'text/html', 'Cache-Control': 'max-age=60' }
    const { headers } = answerTo(errorOf('invalid_token'), { before })
    expect(headers).not.toHaveProperty('etag')
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    })
  })

  it('answers by a response made by hand, which may lack what is only tidy', () => {
    const req = new IncomingMessage(new Socket())
    const sent: unknown[] = []
    const made = {
      setHeader: (name: string) => void sent.push(name),
      getHeader: () => undefined,
      end: () => void sent.push('end'),
    }
    refuse(req, made as unknown as ServerResponse, errorOf('invalid_token'))
    expect(sent).toEqual([
      'WWW-Authenticate',
      'Cache-Control',
      'Content-Type',
      'Content-Length',
      'end',
    ])
  })

  it('only ends an answer that is already on its way', () => {
    const req = new IncomingMessage(new Socket())
    const res = new ServerResponse(req)
    res.statusCode = 200
    res.flushHeaders()
    refuse(req, res, errorOf('invalid_token'))
    expect([res.statusCode, res.writableEnded]).toEqual([200, true])
    expect(() => refuse(req, res, errorOf('invalid_token'))).not.toThrow()
  })
})
