import { runInNewContext } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  type RevocationStore,
} from '../../lib/index.js'
import { expectUnavailable } from '../support/api.js'
import { startIssuer, type TestIssuer } from '../support/issuer.js'

let issuer: TestIssuer

beforeAll(async () => {
  issuer = await startIssuer()
})

afterAll(async () => {
  await issuer.close()
})

/** A store of somebody else's, in plain JavaScript: its `check` may return anything. */
async function answerWith(check: () => unknown): Promise<request.Response> {
  const store = { ...memoryRevocationStore(), check } as unknown as RevocationStore
  const app = express()
  app.use(requireBearer({ issuer: issuer.url, audience: issuer.audience }), jtiBlocklist(store))
  app.get('/', (_req, res) => void res.json({}))
  return request(app)
    .get('/')
    .set('Authorization', `Bearer ${await issuer.token()}`)
}

/** Promises that are none by their class, as those of another realm or of a query builder. */
const foreignPromise = runInNewContext('Promise') as PromiseConstructor

describe('jtiBlocklist over a store that breaks the contract', () => {
  it.each([
    ['nothing', undefined],
    ['null', null],
    ['false', false],
    ['an object without a verdict', {}],
    ['a verdict in words', { revoked: 'no' }],
  ])('answers 503 where check() returns %s, at once or later', async (_name, verdict) => {
    expectUnavailable(await answerWith(() => verdict))
    expectUnavailable(await answerWith(() => Promise.resolve(verdict)))
    expectUnavailable(await answerWith(() => foreignPromise.resolve(verdict)))
  })

  it('awaits what can be awaited, whatever its class', async () => {
    expect(
      (await answerWith(() => foreignPromise.resolve({ revoked: true, by: 'token' }))).status,
    ).toBe(401)
    expect((await answerWith(() => foreignPromise.resolve({ revoked: false }))).status).toBe(200)
  })

  it('refuses what was revoked for a reason that it does not know', async () => {
    expect((await answerWith(() => ({ revoked: true, by: 'whim' }))).status).toBe(401)
    expect((await answerWith(async () => ({ revoked: true }))).status).toBe(401)
  })
})
