import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import type { ServerResponse } from 'node:http'
import { systemTimer } from '../../../../lib/core/clock.js'
import type { ClientAuth } from '../../../../lib/tokens/introspection/asking/client-auth.js'
import { EndpointLocator } from '../../../../lib/tokens/introspection/asking/endpoint.js'
import type { IntrospectionSettings } from '../../../../lib/tokens/introspection/asking/options.js'
import type { IssuerPolicy } from '../../../../lib/tokens/issuers/policy/policy.js'
import { serve, type RunningServer } from '../../../../tools/server.js'
import { networkOf } from '../../../support/network.js'

let issuer: RunningServer
let members: Record<string, unknown>
let looks: number
let now: number
let answer: (res: ServerResponse) => void
const timer = { now: () => now, after: systemTimer.after }
const signal = new AbortController().signal

beforeEach(async () => {
  looks = 0
  now = 0
  issuer = await serve((_req, res) => {
    looks += 1
    answer(res)
  })
  members = { issuer: issuer.url, introspection_endpoint: `${issuer.url}/introspect` }
  answer = (res) => res.setHeader('content-type', 'application/json').end(JSON.stringify(members))
})
afterEach(() => issuer.close())

function policy(): IssuerPolicy {
  const metadata = {
    discoveryUrls: [new URL(issuer.url)],
    issuers: [issuer.url],
    allowTemplate: false,
  }
  return { metadata, network: networkOf(issuer.url) } as unknown as IssuerPolicy
}

function locator(settings: Partial<IntrospectionSettings> = {}): EndpointLocator {
  const clientAuth = { method: 'none' } as ClientAuth
  return new EndpointLocator(
    { endpoint: undefined, clientAuth, timeoutMs: 2000, ...settings } as IntrospectionSettings,
    timer,
  )
}

const maxAge = (seconds: number): void => {
  const before = answer
  answer = (res) => before(res.setHeader('cache-control', `max-age=${seconds}`))
}

describe('an introspection endpoint that was given', () => {
  it('is asked without a look at the metadata, wherever the operator has it', async () => {
    const endpoint = new URL('https://10.0.0.1/introspect')
    const found = await locator({ endpoint }).locate(policy(), signal)
    expect(found).toMatchObject({ url: endpoint, algorithms: undefined })
    expect(found.network.origins.has(endpoint.origin)).toBe(true)
    expect(found.network.origins.has(issuer.url)).toBe(true)
    expect(found.network.allowance).toMatchObject({ onThisMachine: false, publicOnly: false })
    expect(looks).toBe(0)
  })

  it('may be on this machine, where it was named so', async () => {
    const endpoint = new URL('http://127.0.0.1:1/introspect')
    const { network } = await locator({ endpoint }).locate(policy(), signal)
    expect(network.allowance.onThisMachine).toBe(true)
  })
})

describe('an introspection endpoint', () => {
  it('is that of the metadata, with the algorithms of its answers', async () => {
    members['introspection_signing_alg_values_supported'] = ['ES256', 7]
    const found = await locator().locate(policy(), signal)
    expect(found.url.href).toBe(`${issuer.url}/introspect`)
    expect(found.algorithms).toEqual(['ES256', '7'])
  })

  it('is another for certificates, where the metadata names one', async () => {
    members['mtls_endpoint_aliases'] = { introspection_endpoint: `${issuer.url}/mtls` }
    const clientAuth = { method: 'tls_client_auth', certificate: { cert: 'c', key: 'k' } } as never
    const [by, without] = [locator({ clientAuth }), locator()]
    expect((await by.locate(policy(), signal)).url.pathname).toBe('/mtls')
    expect((await without.locate(policy(), signal)).url.pathname).toBe('/introspect')
  })

  it.each<[string, unknown]>([
    ['none', undefined],
    ['no list of them', null],
    ['a text', 'introspection_endpoint'],
    ['those of others', { token_endpoint: 'https://id.test/' }],
  ])('is the same for certificates, where there are aliases: %s', async (_what, aliases) => {
    members['mtls_endpoint_aliases'] = aliases
    const clientAuth = { method: 'tls_client_auth', certificate: { cert: 'c', key: 'k' } } as never
    const found = await locator({ clientAuth }).locate(policy(), signal)
    expect(found.url.pathname).toBe('/introspect')
    expect(found.algorithms).toBeUndefined()
  })

  it('is looked for once by all who ask meanwhile', async () => {
    const one = locator()
    await Promise.all([1, 2, 3].map(() => one.locate(policy(), signal)))
    expect(looks).toBe(1)
  })

  it.each<[string, number | undefined, number]>([
    ['an hour', undefined, 3600],
    ['as long as its metadata may be', 1000, 1000],
    ['five minutes at least', 1, 300],
    ['a day at most', 999_999, 86_400],
  ])('is known for %s', async (_how, age, seconds) => {
    if (age !== undefined) maxAge(age)
    const one = locator()
    await one.locate(policy(), signal)
    now = seconds * 1000 - 1
    await one.locate(policy(), signal)
    expect(looks).toBe(1)
    now += 1
    await one.locate(policy(), signal)
    expect(looks).toBe(2)
  })

  it('stays where it was for five minutes, where its metadata cannot be had', async () => {
    const one = locator()
    const { url } = await one.locate(policy(), signal)
    answer = (res) => res.writeHead(500).end()
    now = 3_600_000
    expect((await one.locate(policy(), signal)).url).toEqual(url)
    now += 299_999
    await one.locate(policy(), signal)
    expect(looks).toBe(2)
    now += 1
    await one.locate(policy(), signal)
    expect(looks).toBe(3)
  })

  it('cannot be had without metadata: the refusal names the option', async () => {
    const bare = { ...policy(), metadata: undefined }
    await expect(locator().locate(bare, signal)).rejects.toThrow(
      'The issuer has no metadata. Give "introspection.endpoint"',
    )
  })

  it('is looked for anew after a look that failed', async () => {
    const good = answer
    answer = (res) => res.writeHead(500).end()
    const one = locator()
    await expect(one.locate(policy(), signal)).rejects.toMatchObject({ name: 'FetchError' })
    answer = good
    expect((await one.locate(policy(), signal)).url.pathname).toBe('/introspect')
  })

  it('is waited for by each for as long as it can, and one that gives up ends it for nobody else', async () => {
    const good = answer
    const held: ServerResponse[] = []
    answer = (res) => void held.push(res)
    const one = locator()
    const impatient = new AbortController()
    const [early, patient] = [one.locate(policy(), impatient.signal), one.locate(policy(), signal)]
    while (held.length === 0) await new Promise(setImmediate)
    impatient.abort()
    await expect(early).rejects.toMatchObject({ name: 'FetchError' })
    good(held[0]!)
    expect((await patient).url.pathname).toBe('/introspect')
  })

  it('is given up after the deadline of a call', async () => {
    answer = () => undefined
    const one = locator({ timeoutMs: 20 })
    await expect(one.locate(policy(), signal)).rejects.toMatchObject({ name: 'FetchError' })
  })
})
