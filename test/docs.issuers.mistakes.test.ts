import { describe, expect, it } from '@jest/globals'
import express from 'express'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import request from 'supertest'
import {
  requireBearer,
  requireScope,
  type AuthEvent,
  type RequireBearerOptions,
} from '../lib/index.js'
import { keycloak } from '../lib/issuers.js'
import { SELF_SIGNED } from '../tools/self-signed.js'
import { MISTAKES, NO_REFUSAL, SIGNER, type Mistake } from './support/issuer-mistakes.js'
import { exportsOf, mistakesOf, PRODUCTS } from './support/issuer-page.js'

type Guard = ReturnType<typeof requireBearer>

/** The guard of the page with our keys in place of the product's, and what it tells. */
function protectedBy(product: string, { options, scope, behind }: Mistake): [Guard[], string[]] {
  const told: string[] = []
  const onEvent = (event: AuthEvent): void => {
    if (event.name === 'request.refused') told.push(event.reason)
  }
  const ours = (given: RequireBearerOptions): Guard => {
    const merged = { ...given, ...options, jwks: SIGNER.options.jwks, onEvent }
    const elsewhere = { jwksUri: undefined, discoveryUrl: undefined, network: undefined }
    return requireBearer({ ...merged, ...elsewhere } as RequireBearerOptions)
  }
  const exported = exportsOf(product, ours)
  const [first] = Object.values(exported) as (Guard | (() => Guard))[]
  const bearer = exported['inCluster'] === undefined ? first : (first as () => Guard)()
  const onRefuse = (error: { reason: string }, _req: unknown, res: express.Response): void => {
    told.push(error.reason)
    res.sendStatus(403)
  }
  const more = [
    ...(scope === undefined ? [] : [requireScope(scope, { onRefuse } as never)]),
    ...(behind === undefined ? [] : [exported[behind]]),
  ]
  return [[bearer, ...more] as Guard[], told]
}

async function seenBy(product: string, mistake: Mistake): Promise<string> {
  const [guards, told] = protectedBy(product, mistake)
  const claims = { ...MISTAKES[product]?.claims, ...mistake.claims }
  const token = mistake.token ?? SIGNER.token(claims, { typ: 'JWT' })
  const app = express().use(...(guards as unknown as [express.RequestHandler]))
  app.get('/', (_req, res) => void res.sendStatus(200))
  const name = product === 'Cloudflare Access' ? 'Cf-Access-Jwt-Assertion' : 'Authorization'
  const sent = request(app).get('/').set('Sec-Fetch-Site', 'same-origin')
  if (token !== '') sent.set(name, name === 'Authorization' ? `Bearer ${token}` : token)
  const { status } = await sent
  return status === 200 ? 'nothing' : (told[0] ?? String(status))
}

const ROWS = Object.entries(MISTAKES).flatMap(([product, { mistakes }]) =>
  Object.entries(mistakes).map(([title, mistake]) => [product, title, mistake] as const),
)

describe('the usual first mistakes', () => {
  it.each(Object.keys(MISTAKES))('are not those of a good token of %s', async (product) => {
    expect(await seenBy(product, { reason: 'nothing' })).toBe('nothing')
  })

  it.each(ROWS)('with %s: %s', async (product, title, mistake) => {
    const seen = mistakesOf(product).get(title) ?? 'no row of the page'
    expect(seen.replaceAll('`', '')).toMatch(new RegExp(`^${mistake.reason}`))
    expect(await seenBy(product, mistake)).toBe(mistake.reason)
  })

  it.each([
    [
      '`http://keycloak:8080` inside a network',
      () =>
        requireBearer(
          keycloak({ baseUrl: 'http://keycloak:8080', realm: 'acme', audience: 'notes-api' }),
        ),
    ],
  ])('is told at start: %s', (_title, make) => {
    expect(make).toThrow(TypeError)
  })

  it.each([
    ['AD FS', 'a private CA', () => createTlsServer(SELF_SIGNED), 'https', /network: \{ ca \}/],
    ['Kubernetes', 'no role for the keys', () => createServer(), 'http', /403/],
  ] as const)('of %s is an outage: %s', async (product, title, make, scheme, detail) => {
    const server = make().on('request', (_req, res: ServerResponse) => res.writeHead(403).end())
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const told: string[] = []
    const bearer = requireBearer({
      issuer: 'https://id.test',
      audience: 'https://api.test',
      jwksUri: `${scheme}://127.0.0.1:${port}/keys`,
      onEvent: (event) => {
        if (event.name === 'keys.failed') told.push(event.detail)
      },
    })
    const app = express().use(bearer)
    const token = SIGNER.token({ iss: 'https://id.test' })
    await request(app).get('/').auth(token, { type: 'bearer' }).expect(503)
    expect(told.join()).toMatch(detail)
    expect(mistakesOf(product).get(title)).toMatch(/^503/)
    server.close()
  })

  it('are all tried: no row of the fifteen products is left out', () => {
    const products = PRODUCTS.slice(0, 15)
    expect(products).toEqual(Object.keys(MISTAKES))
    const untried = products.flatMap((product) =>
      [...mistakesOf(product).keys()].filter(
        (title) => !(title in NO_REFUSAL) && MISTAKES[product]?.mistakes[title] === undefined,
      ),
    )
    expect(untried).toEqual([])
  })
})
