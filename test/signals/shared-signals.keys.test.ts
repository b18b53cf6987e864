import { createServer } from 'node:http'
import { afterEach, describe, expect, it } from '@jest/globals'
import { memoryRevocationStore } from '../../lib/index.js'
import { sharedSignals, universalLogout, type SharedSignals } from '../../lib/signals.js'
import { createTestIssuer, type TestTransmitter } from '../../lib/testing.js'
import { until } from '../../tools/until.js'
import { running, serve, type RunningServer } from '../../tools/server.js'

const open: RunningServer[] = []
const endpoints: { close(): void }[] = []

afterEach(async () => {
  for (const endpoint of endpoints.splice(0)) endpoint.close()
  for (const server of open.splice(0)) await server.close()
})

async function serving(signals: SharedSignals): Promise<string> {
  endpoints.push(signals)
  const server = await serve((req, res) => signals(req, res, () => void res.writeHead(500).end()))
  open.push(server)
  return server.url
}

async function push(transmitter: TestTransmitter, url: string): Promise<string> {
  const { status, err = '' } = await transmitter.push(
    url,
    transmitter.securityEvent('session-established'),
  )
  return `${status} ${err}`.trim()
}

describe('sharedSignals: keys of the transmitter', () => {
  it('are found by its metadata, follow a rotation, and are waited for (SSF-12, SSF-13)', async () => {
    const issuer = createTestIssuer()
    await issuer.listen()
    const transmitter = issuer.transmitter()
    const { discoveryUrl: _derived, ...options } = transmitter.options
    const signals = sharedSignals(memoryRevocationStore(), options)
    const url = await serving(signals)
    await issuer.outage('500')
    expect(await push(transmitter, url)).toBe('503')
    await issuer.recover()
    await until(() => signals.ready())
    expect(await push(transmitter, url)).toBe('202')
    issuer.rotate()
    expect(await push(transmitter, url)).toBe('202')
    expect(signals.status().state).toBe('fresh')
  })

  it.each([
    ['', '/.well-known/ssf-configuration'],
    ['/tenant/a', '/.well-known/ssf-configuration/tenant/a'],
    ['/tenant/b/', '/.well-known/ssf-configuration/tenant/b'],
  ])('are asked for where the path of the issuer is "%s" (SSF-12)', async (path, place) => {
    const asked: string[] = []
    const server = await running(
      createServer((req, res) => {
        asked.push(req.url ?? '')
        res.setHeader('content-type', 'application/json')
        res.end(JSON.stringify({ issuer: 'https://else.test', jwks_uri: `${server.url}/jwks` }))
      }),
    )
    open.push(server)
    const signals = sharedSignals(memoryRevocationStore(), {
      issuer: `${server.url}${path}`,
      audience: 'a',
    })
    endpoints.push(signals)
    // The metadata names another issuer, so that its keys are nobody's.
    await expect(signals.ready()).rejects.toThrow(/expected exactly/)
    expect(asked).toEqual([place])
  })

  it('are those of RFC 8414 or OpenID for universalLogout', async () => {
    const issuer = createTestIssuer()
    await issuer.listen()
    const logout = universalLogout(memoryRevocationStore(), {
      issuer: issuer.issuer,
      audience: 'https://api.test/universal-logout',
      algorithms: ['ES256'],
    })
    endpoints.push(logout)
    await logout.ready()
    expect(logout.status().state).toBe('fresh')
  })
})

describe('options of signals', () => {
  const { options, logoutOptions } = createTestIssuer().transmitter()
  const store = memoryRevocationStore()

  it.each<[string, object, RegExp]>([
    [
      'another name',
      { audiences: 'x' },
      /sharedSignals: unknown option "audiences". Did you mean "audience"/,
    ],
    ['no issuer', { issuer: undefined }, /"issuer" must be/],
    ['no audience', { audience: [] }, /"audience" must be/],
    [
      'an empty Authorization',
      { authorization: '' },
      /"authorization" must be the value of a header.*not shown/,
    ],
    ['an Authorization that is none', { authorization: 7 }, /"authorization" must be/],
    ['issuers of no one', { subjectIssuers: [] }, /"subjectIssuers" must be/],
    ['a decide that is none', { decide: 'revoke' }, /"decide" must be a function/],
    [
      'a resolveSubject that is none',
      { resolveSubject: {} },
      /"resolveSubject" must be a function/,
    ],
    ['two sources of keys', { jwksUri: 'https://a.example/jwks' }, /different sources of keys/],
    ['a name that is no text', { criticalSubjectMembers: [7] }, /"criticalSubjectMembers" must be/],
    ['a replay store that is none', { replay: {} }, /"replay" must be a ReplayStore/],
    ['families that are none', { families: {} }, /"families" must be refreshFamilies/],
    ['legacy in words', { legacy: 'yes' }, /"legacy" must be true or false/],
  ])('are refused with %s', (_what, changes, message) => {
    expect(() => sharedSignals(store, { ...options, ...changes })).toThrow(message)
  })

  it.each<[string, object, RegExp]>([
    ['another name', { clientIds: 'x' }, /universalLogout: unknown option "clientIds"/],
    ['a replay store that is none', { replay: {} }, /"replay" must be a ReplayStore/],
    ['families that are none', { families: {} }, /"families" must be refreshFamilies/],
    ['no client', { clientId: '' }, /"clientId" must be/],
  ])('of universalLogout are refused with %s', (_what, changes, message) => {
    expect(() => universalLogout(store, { ...logoutOptions, ...changes })).toThrow(message)
  })

  it.each([sharedSignals, universalLogout])('are refused without a store', (factory) => {
    expect(() => factory({} as never, options as never)).toThrow(/must be a RevocationStore/)
  })
})
