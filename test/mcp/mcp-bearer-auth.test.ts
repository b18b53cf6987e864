import { describe, expect, it } from '@jest/globals'
import type { AuthInfo } from '@modelcontextprotocol/server'
import * as sdk from '@modelcontextprotocol/server'
import express, { type RequestHandler } from 'express'
import request from 'supertest'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { EXPRESS_VERSIONS } from '../support/express-versions.js'
import { mcpBearerAuth } from '../../lib/mcp/mcp-bearer-auth.js'

/** By name alone, because its types change `Request` of Express for all who see them. */
const SDK_FOR_EXPRESS: string = '@modelcontextprotocol/express'
const forExpress = (await import(SDK_FOR_EXPRESS)) as {
  readonly requireBearerAuth: (options: object) => RequestHandler
}

const OUTAGE = new AuthError('temporarily_unavailable', {
  reason: 'keys_unavailable',
  retryAfterSeconds: 7,
})
const IN_AN_HOUR = Date.now() / 1000 + 3600

/** What the verifier makes of each token. */
const verifier = {
  verifyAccessToken: async (token: string) => {
    if (token === 'down') throw OUTAGE
    if (token === 'bug') throw new TypeError('a bug')
    if (token === 'bad') throw new sdk.OAuthError(sdk.OAuthErrorCode.InvalidToken, 'no good')
    return { token: '', clientId: 'c', scopes: ['mcp'], expiresAt: IN_AN_HOUR } as never
  },
}
const options = { verifier, requiredScopes: ['mcp'] }
const gate = mcpBearerAuth(sdk.requireBearerAuth, options)
const app = express()
app.get(
  '/',
  mcpBearerAuth(forExpress.requireBearerAuth, options) as RequestHandler,
  (_req, res) => {
    res.end('in')
  },
)

const inExpress = (token: string): request.Test =>
  request(app).get('/').set('authorization', `Bearer ${token}`)
const inFetch = (token: string, method = 'GET'): Promise<AuthInfo | Response> => {
  const headers = { authorization: `Bearer ${token}` }
  return gate(new Request('https://api.example.com/mcp', { method, headers }))
}

function noMiddleware(): (request: Request) => Promise<unknown> {
  throw new Error('no such middleware')
}

function failingMiddleware(): () => Promise<void> {
  return () => Promise.reject(undefined)
}

describe('mcpBearerAuth', () => {
  it('answers an outage by 503 with Retry-After in Express', async () => {
    const { status, headers, text } = await inExpress('down')
    expect(status).toBe(503)
    expect(text).toContain('temporarily_unavailable')
    expect(headers).toMatchObject({ 'retry-after': '7', 'cache-control': 'no-store' })
    expect(headers).not.toHaveProperty('www-authenticate')
  })

  it('answers an outage by 503 with Retry-After in a host of fetch', async () => {
    const response = (await inFetch('down')) as Response
    expect(response.status).toBe(503)
    expect(response.headers.get('retry-after')).toBe('7')
    expect(response.headers.get('www-authenticate')).toBeNull()
    expect(await response.json()).toMatchObject({ error: 'temporarily_unavailable' })
  })

  it('sends no body to HEAD', async () => {
    expect(await ((await inFetch('down', 'HEAD')) as Response).text()).toBe('')
  })

  it.each([
    ['bad', 401],
    ['bug', 500],
  ])('leaves the answer to a token that is %s to the SDK: %i', async (token, status) => {
    expect((await inExpress(token)).status).toBe(status)
    expect(await inFetch(token)).toMatchObject({ status })
  })

  it('leaves a request without a token to the SDK', async () => {
    expect((await request(app).get('/')).status).toBe(401)
    expect(await gate(new Request('https://api.example.com/mcp'))).toMatchObject({ status: 401 })
  })

  it('lets a good token pass', async () => {
    expect((await inExpress('good')).text).toBe('in')
    expect(await inFetch('good')).toMatchObject({ scopes: ['mcp'] })
  })

  it.each(EXPRESS_VERSIONS)(
    'leaves what the middleware fails by to the error handler of %s: unheard, it would end the process',
    async (_version, make) => {
      const failures: unknown[] = []
      const guarded = make()
      // As a limit of time does that is over before the token is judged.
      guarded.use((_req, res, next) => {
        res.status(504).end()
        next()
      })
      guarded.use(mcpBearerAuth(forExpress.requireBearerAuth, options) as RequestHandler)
      const heard = new Promise<void>((resolve) => {
        guarded.use(((error, _req, _res, _next) => {
          failures.push(error)
          resolve()
        }) as express.ErrorRequestHandler)
      })
      const asked = await request(guarded).get('/').set('authorization', 'Bearer bad')
      await heard
      expect(asked.status).toBe(504)
      expect(failures).toEqual([expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' })])
    },
  )

  it.each(EXPRESS_VERSIONS)(
    'lets nobody pass by a failure without an error: %s',
    async (_version, make) => {
      const guarded = make()
      guarded.use(mcpBearerAuth(failingMiddleware, options) as RequestHandler)
      guarded.use((_req, res) => void res.end('in'))
      guarded.use(
        ((_error, _req, res, _next) => void res.sendStatus(500)) as express.ErrorRequestHandler,
      )
      expect((await request(guarded).get('/')).status).toBe(500)
    },
  )

  it('hands on what the middleware itself fails by', async () => {
    const failing = mcpBearerAuth(noMiddleware, options)
    await expect(failing(new Request('https://a.test'))).rejects.toThrow('no such middleware')
  })
})
