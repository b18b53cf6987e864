import { beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import request from 'supertest'
import {
  authOf,
  requireBearer,
  requireScope,
  type Auth,
  type AuthEvent,
  type IssuerOptions,
} from '../../../../lib/index.js'
import * as presets from '../../../../lib/issuers.js'
import { encode, forge } from '../../../support/forge.js'
import { createSigningKey, type SigningKey } from '../../../../tools/issuer.js'
import { NOW, TENANT, type Changes, type Fixture, type Fixtures } from './fixtures/fixture.js'
import { HOSTED } from './fixtures/hosted.js'
import { MICROSOFT } from './fixtures/microsoft.js'
import { SELF_HOSTED } from './fixtures/self-hosted.js'

const FIXTURES: Fixtures = { ...HOSTED, ...MICROSOFT, ...SELF_HOSTED }

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

async function send(fixture: Fixture, changes: Changes = {}, path = '/') {
  const events: AuthEvent[] = []
  const app = express()
  app.use(
    requireBearer({ ...fixture.options, clock: () => NOW, onEvent: (event) => events.push(event) }),
  )
  let auth: Auth | undefined
  app.get('/scoped', requireScope('Notes.Read.All'), (_req, res) => void res.sendStatus(204))
  app.get('/', (req, res) => {
    auth = authOf(req)
    res.sendStatus(204)
  })
  const header = { alg: 'RS256', kid: key.kid, ...fixture.header, ...changes.header }
  const signed = forge(header, { ...fixture.claims, ...changes.claims }, key)
  const [, ...rest] = signed.split('.')
  const token = [encode({ ...header, ...changes.unsignedHeader }), ...rest].join('.')
  const response = await request(app)
    .get(path)
    .set('Authorization', `Bearer ${changes.text ?? token}`)
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
    expect(fixture.mistakes.length).toBeGreaterThan(1)
    for (const [mistake, changes, detail] of fixture.mistakes) {
      const { status, events } = await send(fixture, changes)
      expect({ mistake, status, event: events.at(-1) }).toEqual({
        mistake,
        status: 401,
        event: expect.objectContaining({
          name: 'request.refused',
          detail: expect.stringMatching(detail),
        }),
      })
    }
  })

  it('refuses an expired token', async () => {
    expect((await send(fixtureOf(jwksFor(name)), { claims: { exp: NOW - 10 } })).status).toBe(401)
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

  it('grant an Entra application no scope by its role of that name', async () => {
    const name = 'entra, version 1, application token'
    expect((await send(FIXTURES[name]!(jwksFor(name)), {}, '/scoped')).status).toBe(403)
  })

  it.each([
    [
      'entra, one tenant',
      presets.entra({ tenantIds: TENANT, audience: 'x' }).jwksUri,
      `https://login.microsoftonline.com/${TENANT}/discovery/v2.0/keys`,
    ],
    [
      'entra, several tenants',
      presets.entra({ tenantIds: [TENANT, TENANT.replace('3', '4')], audience: 'x' }).jwksUri,
      'https://login.microsoftonline.com/common/discovery/v2.0/keys',
    ],
    [
      'b2c',
      presets.b2c({ tenantName: 'acme', tenantId: TENANT, policy: 'B2C_1_x', audience: 'x' })
        .discoveryUrl,
      'https://acme.b2clogin.com/acme.onmicrosoft.com/B2C_1_x/v2.0/.well-known/openid-configuration',
    ],
    [
      'googleIdToken',
      presets.googleIdToken({ clientIds: 'x' }).jwksUri,
      'https://www.googleapis.com/oauth2/v3/certs',
    ],
  ])('look for keys where the product keeps them: %s', (_name, url, expected) => {
    expect(url).toBe(expected)
  })

  it('let the caller override what they set', () => {
    const options = presets.okta({
      domain: 'acme.okta.com',
      claims: { scope: 'scope' },
      clockToleranceSeconds: 0,
    })
    expect(options).toMatchObject({ claims: { scope: 'scope' }, clockToleranceSeconds: 0 })
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
