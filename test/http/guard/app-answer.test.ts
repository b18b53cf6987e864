import { describe, expect, it } from '@jest/globals'
import express, { type ErrorRequestHandler } from 'express'
import request from 'supertest'
import {
  AuthError,
  memoryReplayStore,
  refuse,
  requireBearer,
  requireScope,
  type Middleware,
  type OnRefuse,
  type BearerOptions,
  type IssuerFields,
} from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { serve } from '../../../tools/server.js'
import { EXPRESS_VERSIONS } from '../../support/express-versions.js'
import { HOSTS } from '../../support/hosts.js'

const issuer = createTestIssuer()

const handOn: OnRefuse = (error, _req, _res, next) => next(error)

const TOLD = [
  'www-authenticate',
  'retry-after',
  'dpop-nonce',
  'cache-control',
  'vary',
  'access-control-expose-headers',
]

/** All that a refusal tells besides its body. */
function told({ status, headers }: request.Response): object {
  const named = headers as Readonly<Record<string, string>>
  return { status, headers: Object.fromEntries(TOLD.map((name) => [name, named[name]])) }
}

interface Case {
  readonly name: string
  readonly options?: Partial<BearerOptions & Pick<IssuerFields, 'validate'>>
  readonly sent: () => Readonly<Record<string, string>>
}

const outage = new AuthError('temporarily_unavailable', {
  reason: 'validate_unavailable',
  retryAfterSeconds: 7,
})

const CASES: readonly Case[] = [
  { name: 'no token', sent: () => ({}) },
  { name: 'a malformed header', sent: () => ({ authorization: 'Bearer "' }) },
  { name: 'a bad token', sent: () => ({ authorization: 'Bearer bad' }) },
  {
    name: 'a scope missing',
    sent: () => ({ authorization: `Bearer ${issuer.token()}` }),
  },
  {
    name: 'a realm of its own',
    options: { realm: 'notes' },
    sent: () => ({ authorization: 'Bearer bad' }),
  },
  {
    name: 'an outage',
    options: { validate: () => Promise.reject(outage) },
    sent: () => ({ authorization: `Bearer ${issuer.token()}` }),
  },
  {
    name: 'a foreign page with the cookie',
    options: { cookie: 'token' },
    sent: () => ({
      cookie: `token=${issuer.token()}`,
      'sec-fetch-site': 'cross-site',
    }),
  },
  {
    name: 'two challenges and a nonce',
    options: {
      dpop: { mode: 'allow', replay: memoryReplayStore(), nonce: { secrets: ['s'.repeat(32)] } },
    },
    sent: () => ({ authorization: 'DPoP bad', dpop: 'bad' }),
  },
]

function guards(
  options: Partial<BearerOptions & Pick<IssuerFields, 'validate'>>,
): readonly Middleware[] {
  return [requireBearer({ ...issuer.options, ...options })]
}

describe.each(HOSTS)('a refusal that onRefuse hands on to $name', ({ start }) => {
  it.each(CASES)('is answered with the status and headers of ours: $name', async (row) => {
    const headers = row.sent()
    const answers = []
    for (const onRefuse of [undefined, handOn]) {
      const options = { ...row.options, ...(onRefuse && { onRefuse }) }
      const host = await start([...guards(options), requireScope('admin')])
      answers.push(told(await request(host.url).get('/notes').set(headers)))
      await host.close()
    }
    expect(answers[1]).toEqual(answers[0])
  })
})

/** Answers by an error handler as tutorials write them. */
async function handledBy(handler: ErrorRequestHandler): Promise<request.Response> {
  const app = express().use(...guards({ realm: 'notes', onRefuse: handOn }), handler)
  const server = await serve(app)
  const response = await request(server.url).get('/')
  await server.close()
  return response
}

describe.each(EXPRESS_VERSIONS)('%s', (_name, newApp) => {
  it('sends by its own handler what a handler of the app raised itself', async () => {
    const app = newApp()
    app.get('/', () => {
      throw new AuthError('insufficient_scope', { reason: 'scope_missing', scopes: ['admin'] })
    })
    const server = await serve(app)
    const { status, headers } = await request(server.url).get('/')
    await server.close()
    expect(status).toBe(403)
    expect(headers['www-authenticate']).toContain('error="insufficient_scope"')
    expect(headers['www-authenticate']).toContain('scope="admin"')
    expect(headers['cache-control']).toBe('no-store')
  })
})

describe('an error handler of the app', () => {
  it('that sends the status alone keeps the challenge of the guard', async () => {
    const response = await handledBy((error: AuthError, _req, res, _next) => {
      res.status(error.statusCode).json({ message: error.message })
    })
    expect(response.status).toBe(401)
    expect(response.headers['www-authenticate']).toBe('Bearer realm="notes"')
  })

  it('that calls refuse answers in the style of the guard', async () => {
    const response = await handledBy((error: AuthError, req, res, _next) => refuse(req, res, error))
    expect(response.headers['www-authenticate']).toBe('Bearer realm="notes"')
    expect(response.body).toEqual({})
  })
})

describe('onRefuse', () => {
  it('that lets the request pass leaves no header of a refusal behind', async () => {
    const app = express().use(...guards({ onRefuse: (_error, _req, _res, next) => next() }))
    app.get('/', (_req, res) => void res.send('public'))
    const server = await serve(app)
    const { status, headers } = await request(server.url).get('/')
    await server.close()
    expect([status, headers['www-authenticate'], headers['cache-control']]).toEqual([
      200,
      undefined,
      undefined,
    ])
  })
})
