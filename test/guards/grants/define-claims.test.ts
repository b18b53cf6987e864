import { beforeAll, describe, expect, it } from '@jest/globals'
import { type } from 'arktype'
import express from 'express'
import request from 'supertest'
import * as v from 'valibot'
import { z } from 'zod'
import {
  defineClaims,
  requireBearer,
  type AuthEvent,
  type ClaimsGuard,
  type ClaimsSchema,
} from '../../../lib/index.js'
import { createTestIssuer, type TestClaims, type TestIssuer } from '../../../lib/testing.js'
import { serve } from '../../../tools/server.js'

interface TenantClaims {
  readonly tenant: string
  readonly tier: 'free' | 'paid'
}

let issuer: TestIssuer

beforeAll(() => {
  issuer = createTestIssuer()
})

const good = { tenant: 'acme', tier: 'paid' }

interface Asked {
  readonly status: number
  readonly body: unknown
  readonly challenge: string | undefined
  readonly detail: string | undefined
  readonly reason: string | undefined
  readonly errors: readonly string[]
}

/** Answers to these tokens, at an API that tells the claims as a schema reads them. */
async function asked(
  guard: ClaimsGuard<unknown>,
  tokens: readonly (string | undefined)[],
  optional = false,
): Promise<readonly Asked[]> {
  const events: AuthEvent[] = []
  const errors: string[] = []
  const bearer = requireBearer({
    ...issuer.options,
    optional,
    onEvent: (event) => events.push(event),
  })
  const app = express()
  app.get('/', bearer, guard, (req, res) => void res.json(guard.of(req)))
  app.use(((error: Error, _req, res, _next) => {
    errors.push(error.message)
    res.status(500).end()
  }) as express.ErrorRequestHandler)
  const server = await serve(app)
  const answers: Asked[] = []
  for (const token of tokens) {
    const asking = request(server.url).get('/')
    const answer = await (token === undefined ? asking : asking.auth(token, { type: 'bearer' }))
    const { status } = answer
    const body: unknown = answer.body
    const challenge: string | undefined = answer.headers['www-authenticate']
    const refusal = events.findLast((event) => event.name === 'request.refused')
    const { detail, reason } = refusal ?? {}
    answers.push({ status, body, challenge, detail, reason, errors: [...errors] })
  }
  bearer.close()
  await server.close()
  return answers
}

async function askedOnce(guard: ClaimsGuard<unknown>, claims: TestClaims): Promise<Asked> {
  const [answer] = await asked(guard, [issuer.token(claims)])
  return answer!
}

const SCHEMAS: readonly (readonly [string, ClaimsSchema<TenantClaims>])[] = [
  ['zod', z.object({ tenant: z.string(), tier: z.enum(['free', 'paid']) })],
  ['valibot', v.object({ tenant: v.string(), tier: v.picklist(['free', 'paid']) })],
  ['arktype', type({ tenant: 'string', tier: "'free' | 'paid'" })],
]

describe.each(SCHEMAS)('defineClaims with a schema of %s', (_library, schema) => {
  it('lets a token pass that fits, and tells its claims', async () => {
    const { status, body } = await askedOnce(defineClaims(schema), good)
    expect(status).toBe(200)
    expect(body).toMatchObject(good)
  })

  it.each<[string, TestClaims, string]>([
    ['lacks a claim', { tier: 'paid' }, '"tenant"'],
    ['has a claim of another type', { tenant: 7, tier: 'paid' }, '"tenant"'],
    ['has another value', { ...good, tier: 'secret-tier' }, '"tier"'],
  ])('refuses a token that %s: 403, and no value is told', async (_what, claims, place) => {
    const refusal = await askedOnce(defineClaims(schema), claims)
    const { status, body, challenge, detail, reason } = refusal
    expect([status, reason]).toEqual([403, 'claim_mismatch'])
    expect(body).toMatchObject({ error: 'insufficient_scope' })
    // No scope would help, and a client would ask for one that is named.
    expect(challenge).not.toContain('scope="')
    expect(detail).toBe(`The schema of defineClaims refuses ${place}`)
  })
})

describe('defineClaims', () => {
  it('asks the schema once for each verified token, whoever is refused', async () => {
    const seen: unknown[] = []
    const schema = z.looseObject({ sub: z.string() }).refine(({ sub }) => {
      seen.push(sub)
      return sub !== 'bob'
    })
    const tokens = [issuer.token({ sub: 'ann' }), issuer.token({ sub: 'bob' })]
    const answers = await asked(defineClaims(schema), [...tokens, ...tokens, ...tokens])
    expect(answers.map(({ status }) => status)).toEqual([200, 403, 200, 403, 200, 403])
    expect(seen).toEqual(['ann', 'bob'])
  })

  it('gives what the schema makes of the claims', async () => {
    const schema = z
      .object({ tenant: z.string().default('none'), since: z.coerce.number() })
      .transform(({ tenant, since }) => ({ tenant: tenant.toUpperCase(), since: since + 1 }))
    const { body } = await askedOnce(defineClaims(schema), { since: '41' })
    expect(body).toEqual({ tenant: 'NONE', since: 42 })
  })

  it.each<[string, unknown]>([
    ['answers later', async () => ({ value: good })],
    ['rejects', async () => Promise.reject(new Error('down'))],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers neither', () => ({})],
    ['answers issues that are no list', () => ({ issues: 'none', value: good })],
    [
      'throws',
      () => {
        throw new Error('the schema must answer at once, it said')
      },
    ],
  ])('lets nobody pass where the schema %s: a fault of the app', async (_what, validate) => {
    const schema = { '~standard': { version: 1, vendor: 'test', validate } }
    const { status, errors } = await askedOnce(defineClaims(schema as never), good)
    expect(status).toBe(500)
    expect(errors).toEqual([expect.stringMatching(/the schema must answer at once/)])
  })

  it('names no more than five places, in a line of a log', async () => {
    const issues = Array.from({ length: 50 }, (_none, at) => ({ path: [{ key: `a\n${at}` }, 0] }))
    const validate = (): object => ({ issues: [{}, ...issues] })
    const schema = { '~standard': { version: 1, vendor: 'test', validate } }
    const { detail } = await askedOnce(defineClaims(schema as never), good)
    expect(detail).toBe(
      'The schema of defineClaims refuses the claims, "a?0.0", "a?1.0", "a?2.0", "a?3.0"',
    )
  })

  it('asks an anonymous request for a token, and for no scope', async () => {
    const [answer] = await asked(defineClaims(SCHEMAS[0]![1]), [undefined], true)
    expect(answer).toMatchObject({ status: 401, body: {}, challenge: 'Bearer realm="api"' })
  })

  it('tells no claims where its guard was not mounted', async () => {
    const claims = defineClaims(SCHEMAS[0]![1])
    const other = Object.assign(defineClaims(z.unknown()), {
      of: (req: express.Request) => claims.of(req),
    })
    const { status, errors } = await askedOnce(other, good)
    expect([status, errors]).toEqual([500, [expect.stringMatching(/its guard did not let/)]])
  })

  it.each([undefined, null, {}, () => true, { '~standard': {} }, { parse: () => good }])(
    'does not construct with %p, which is no schema',
    (schema) => {
      expect(() => defineClaims(schema as never)).toThrow(
        /^defineClaims: "schema" must be one of Standard Schema/,
      )
    },
  )
})
