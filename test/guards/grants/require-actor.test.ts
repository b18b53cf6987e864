import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import express from 'express'
import request from 'supertest'
import { authOf, requireActor, requireBearer, type ActorNames } from '../../../lib/index.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { expectRefusal } from '../../../tools/api.js'
import { serve } from '../../../tools/server.js'
import { startGuarded, withGuard } from '../../support/guarded.js'

const OTHER = 'https://other.test'
const AGENT = { sub: 'agent' }
const BY_NAME: ActorNames = { subject: 'agent' }

describe('requireActor', () => {
  it.each<[string, ActorNames, object | null | undefined, number]>([
    ['the subject (8693-03)', BY_NAME, AGENT, 200],
    ['the client', { clientId: ['a', 'b'] }, { client_id: 'b' }, 200],
    ['both', { subject: 'agent', clientId: 'b' }, { sub: 'agent', client_id: 'b' }, 200],
    ['one of both', { subject: 'agent', clientId: 'b' }, AGENT, 403],
    ['another subject', BY_NAME, { sub: 'Agent' }, 403],
    ['a client of that name', BY_NAME, { client_id: 'agent' }, 403],
    ['an actor without a name', BY_NAME, {}, 403],
    ['nobody', BY_NAME, undefined, 403],
    ['null', BY_NAME, null, 403],
    ['it as the one before (8693-03)', BY_NAME, { sub: 'other', act: AGENT }, 403],
    ['it before one without a name (8693-03)', BY_NAME, { act: AGENT }, 403],
    ['it, and others before it', BY_NAME, { ...AGENT, act: { sub: 'other' } }, 200],
    ['it of another issuer', BY_NAME, { ...AGENT, iss: OTHER }, 403],
    [
      'it of the issuer that is named',
      { ...BY_NAME, issuer: OTHER },
      { ...AGENT, iss: OTHER },
      200,
    ],
    ['it of the issuer of the token', { ...BY_NAME, issuer: OTHER }, AGENT, 403],
  ])('a token whose actor is %s gets its answer', async (_name, names, act, status) => {
    await withGuard(requireActor(names), async (api) => {
      const response = await api.get({ act })
      expect(response.status).toBe(status)
      if (status === 200) return
      expectRefusal(response, 'insufficient_scope')
      expect(response.headers['www-authenticate']).not.toContain('scope=')
      expect(api.refusal()).toMatchObject({ reason: 'actor_mismatch' })
    })
  })

  it('takes no one for an actor who may act, or who is the user (8693-05)', async () => {
    await withGuard(requireActor(BY_NAME), async (api) => {
      expect((await api.get({ sub: 'agent', may_act: AGENT })).status).toBe(403)
    })
  })

  it('is never talked round by those who acted before (8693-03)', async () => {
    const earlier = fc.array(fc.constantFrom('agent', 'x', 'y'), { minLength: 1, maxLength: 9 })
    await withGuard(requireActor(BY_NAME), async (api) => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom('agent', 'x'), earlier, async (latest, before) => {
          const act = [latest, ...before].reduceRight<object | undefined>(
            (inner, sub) => ({ sub, act: inner }),
            undefined,
          )
          expect((await api.get({ act })).status).toBe(latest === 'agent' ? 200 : 403)
        }),
        { numRuns: 30 },
      )
    })
  })

  it('asks an anonymous request for a token', async () => {
    const api = await startGuarded(requireActor(BY_NAME), { optional: true })
    expectRefusal(await api.anonymous(), 'no_credential')
    await api.close()
  })

  it('refuses a token whose "act" cannot be read, before any guard: 401', async () => {
    await withGuard(requireActor(BY_NAME), async (api) => {
      expectRefusal(await api.get({ act: 'agent' }), 'invalid_token')
      expect(api.refusal()).toMatchObject({ reason: 'malformed_claim' })
    })
  })

  it.each<[unknown, RegExp]>([
    [{}, /"names" must name a subject or clientId/],
    [{ issuer: OTHER }, /"names" must name a subject or clientId/],
    [{ subject: [] }, /"subject" must be a non-empty string/],
    [{ clientId: '' }, /"clientId" must be a non-empty string/],
    [{ client: 'a' }, /unknown option "client".*"clientId"/],
    [undefined, /options must be an object/],
    [() => true, /options must be an object/],
  ])('does not construct with %p', (names, message) => {
    const construct = (): unknown => requireActor(names as ActorNames)
    expect(construct).toThrow(message)
    expect(construct).toThrow(/^requireActor: /)
  })
})

it('auth.actor tells who acts for whom, and who did before (8693-01, 8693-02)', async () => {
  const app = express()
  const issuer = createTestIssuer()
  const bearer = requireBearer(issuer.options)
  app.get('/', bearer, (req, res) => void res.json(authOf(req).actor))
  const server = await serve(app)
  const act = { sub: 'desk', client_id: 'c', act: { iss: OTHER, sub: 'agent' } }
  const response = await issuer.authed(request(server.url).get('/'), { act })
  expect(response.body).toEqual({
    issuer: issuer.issuer,
    subject: 'desk',
    clientId: 'c',
    earlier: [{ issuer: OTHER, subject: 'agent' }],
  })
  bearer.close()
  await server.close()
})
