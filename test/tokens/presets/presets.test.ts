import { beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { SignJWT } from 'jose'
import request from 'supertest'
import {
  authOf,
  requireBearer,
  type Auth,
  type AuthEvent,
  type IssuerOptions,
} from '../../../lib/index.js'
import * as presets from '../../../lib/tokens/presets/index.js'
import { createSigningKey, type SigningKey } from '../../support/issuer.js'
import { FIXTURES, NOW, TENANT, type Fixture } from './fixtures.js'

let key: SigningKey
let bareKey: SigningKey

beforeAll(async () => {
  key = await createSigningKey('kid-1')
  const { alg: _, ...jwk } = key.jwk
  bareKey = { ...key, jwk }
})

/** Our own keys in place of the product's: nothing here was tried on a live tenant. Entra's have no `alg`. */
function jwksFor(name: string): NonNullable<IssuerOptions['jwks']> {
  return { keys: [name.startsWith('entra') ? bareKey.jwk : key.jwk] }
}

async function send(fixture: Fixture, changes: Readonly<Record<string, unknown>> = {}) {
  const events: AuthEvent[] = []
  const app = express()
  app.use(
    requireBearer({ ...fixture.options, clock: () => NOW, onEvent: (event) => events.push(event) }),
  )
  let auth: Auth | undefined
  app.get('/', (req, res) => {
    auth = authOf(req)
    res.sendStatus(204)
  })
  const token = await new SignJWT({ ...fixture.claims, ...changes })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, ...fixture.header })
    .sign(key.privateKey)
  const response = await request(app).get('/').set('Authorization', `Bearer ${token}`)
  return { status: response.status, auth, events }
}

describe.each(Object.entries(FIXTURES))('the preset %s', (name, fixtureOf) => {
  it('reads a token as its issuer sends it (X-03)', async () => {
    const fixture = fixtureOf(jwksFor(name))
    const { status, auth } = await send(fixture)
    expect(status).toBe(204)
    expect(auth).toMatchObject({ subject: fixture.claims['sub'], ...fixture.expected })
  })

  it('refuses its usual first-run mistakes and names them in the event', async () => {
    const fixture = fixtureOf(jwksFor(name))
    for (const [, changes, detail] of fixture.mistakes) {
      const { status, events } = await send(fixture, changes)
      expect(status).toBe(401)
      expect(events.at(-1)).toMatchObject({
        name: 'request.refused',
        detail: expect.stringMatching(detail),
      })
    }
  })

  it('refuses an expired token', async () => {
    expect((await send(fixtureOf(jwksFor(name)), { exp: NOW - 10 })).status).toBe(401)
  })
})

describe('presets', () => {
  it.each([
    [
      'a misspelt option',
      () => presets.auth0({ domain: 'a.b', audiance: 'x' } as never),
      /Did you mean "audience"/,
    ],
    [
      'a domain with a scheme',
      () => presets.auth0({ domain: 'https://a.b', audience: 'x' }),
      /without https/,
    ],
    [
      'a shared Entra tenant',
      () => presets.entra({ tenantIds: 'common', audience: 'x' }),
      /name each tenant/,
    ],
    [
      'a realm that leaves its path',
      () => presets.keycloak({ baseUrl: 'https://k', realm: '../x', audience: 'a' }),
      /"realm" must/,
    ],
  ])('refuse %s at construction', (_name, construct, message) => {
    expect(construct).toThrow(message)
  })

  it('let the caller override what they set', () => {
    const options = presets.okta({
      domain: 'acme.okta.com',
      scopeClaim: 'scope',
      clockToleranceSeconds: 0,
    })
    expect(options).toMatchObject({ scopeClaim: 'scope', clockToleranceSeconds: 0 })
  })

  it('take keys of the caller in place of those of the product', () => {
    const options = presets.entra({
      tenantIds: TENANT,
      audience: 'x',
      jwksUri: 'https://mirror.acme.com/jwks',
    })
    expect(options.jwksUri).toBe('https://mirror.acme.com/jwks')
  })
})
