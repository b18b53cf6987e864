import { afterAll, beforeAll, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { NOBODY } from '../../../../lib/core/queue/sender.js'
import { callEndpoint } from '../../../../lib/tokens/introspection/asking/call.js'
import type { Answer, Question } from '../../../../lib/tokens/introspection/asking/answer.js'
import { AuthError } from '../../../../lib/core/verdicts/errors.js'
import type { TokenMeaning } from '../../../../lib/tokens/access/to-auth.js'
import { meaningOf } from '../../../../lib/tokens/introspection/judging/meaning.js'
import { serve, type RunningServer } from '../../../../tools/server.js'
import { networkOf } from '../../../support/network.js'
import { AUDIENCE, claimsWith, ISSUER, NOW, policyOf } from '../../../support/policy.js'
import { FUZZ_RUNS } from '../../../support/runs.js'

const TOKEN = 'a-token-that-must-not-be-shown'
let server: RunningServer
let body: string | Uint8Array
let type: string

beforeAll(async () => {
  server = await serve((req, res) => {
    req.resume().once('end', () => res.setHeader('content-type', type).end(body))
  })
})
afterAll(() => server.close())

async function answered(): Promise<Answer | Error> {
  const question = {
    token: TOKEN,
    endpoint: { url: new URL(server.url), network: networkOf(server.url), algorithms: undefined },
    policy: policyOf(),
    settings: {
      clientId: 'api-1',
      clientAuth: { method: 'none', authenticate: () => undefined },
      signed: false,
      maxBytes: 65_536,
    },
    clock: () => NOW,
    sender: NOBODY,
    signal: AbortSignal.timeout(5000),
  } as unknown as Question
  return callEndpoint(question).catch((error: unknown) => error as Error)
}

const OPAQUE = {
  token: TOKEN,
  transport: 'header',
  verified: undefined,
  mayLackType: false,
} as const
const good: Readonly<Record<string, unknown>> = claimsWith({ active: true, token_type: 'Bearer' })

/** A good answer of which members are anything, or gone, or others come along. */
const changed = fc
  .dictionary(
    fc.oneof(fc.constantFrom(...Object.keys(good), 'token_use', 'cnf', 'act', 'nbf'), fc.string()),
    fc.oneof(fc.jsonValue(), fc.constantFrom(...Object.values(good), undefined)),
    { maxKeys: 3 },
  )
  .map((changes) => JSON.stringify({ ...good, ...changes }))

const bodies = fc.oneof(
  changed,
  changed.map((text) => text.slice(0, -1)),
  changed.map((text) => text.replace('{', '{"active":false,')),
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.string({ unit: 'binary' }),
  fc.uint8Array({ maxLength: 200 }),
)
const types = fc.oneof(
  { weight: 8, arbitrary: fc.constantFrom('application/json', 'APPLICATION/JSON; charset=utf-8') },
  fc.constantFrom('text/html', 'application/token-introspection+jwt', 'a', ';'),
)

function expectUnusable({ name, message }: Error): void {
  expect(name).toBe('FetchError')
  expect(message).not.toContain(TOKEN)
}

function expectJudged(answer: Answer): void {
  expect(typeof answer.active).toBe('boolean')
  const meaning = meaningOf(answer, OPAQUE, policyOf(), NOW)
  if (meaning instanceof AuthError) expectRefusal(meaning)
  else expectMeant(meaning, answer)
}

function expectRefusal({ status, message, detail = '' }: AuthError): void {
  expect(status).toBe(401)
  expect(message + detail).not.toContain(TOKEN)
}

function expectMeant({ auth }: TokenMeaning, { claims }: Answer): void {
  const { issuer, audience, expiresAt } = auth
  expect([claims['active'], issuer, audience.includes(AUDIENCE)]).toEqual([true, ISSUER, true])
  expect(expiresAt).toBeGreaterThan(NOW)
}

it('whatever an endpoint answers, it is an answer, or unusable by a fault that shows nothing', async () => {
  await fc.assert(
    fc.asyncProperty(bodies, types, async (said, as) => {
      body = said
      type = as
      const outcome = await answered()
      if (outcome instanceof Error) expectUnusable(outcome)
      else expectJudged(outcome)
    }),
    // Each is a call over a socket.
    { numRuns: FUZZ_RUNS / 5 },
  )
})
