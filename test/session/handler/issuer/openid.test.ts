import type { RequestListener } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../../lib/core/options/option-check.js'
import { invalidToken } from '../../../../lib/core/verdicts/errors.js'
import { clientSecretBasic } from '../../../../lib/index.js'
import { compileNetwork } from '../../../../lib/net/network/network-options.js'
import { createOpenid, oauthErrorOf, type Openid } from '../../../../lib/session/handler/issuer/openid.js' // prettier-ignore
import { sendJson } from '../../../../tools/issuer.js'
import { serve, type RunningServer } from '../../../../tools/server.js'

let server: RunningServer
let answer: RequestListener
let asked = 0

beforeAll(async () => {
  server = await serve((req, res) => {
    asked += 1
    answer(req, res)
  })
})
afterAll(() => server.close())
beforeEach(() => {
  asked = 0
  answer = (_req, res) => sendJson(res, metadata())
})

function metadata(changes: object = {}): object {
  return { issuer: server.url, token_endpoint: `${server.url}/token`, ...changes }
}

function openid(issuers = [server.url]): Openid {
  return createOpenid('tokenHandler', {
    server: new URL(server.url),
    issuers,
    clientId: 'app',
    clientAuth: clientSecretBasic('s3cret'),
    clockToleranceSeconds: 5,
    timeoutMs: 1000,
    network: compileNetwork(optionCheck('test'), undefined, [new URL(server.url)]),
  })
}

/** The token endpoint that the metadata name. */
const endpoint = (asking: Openid): Promise<unknown> =>
  asking.ask(async (_client, configuration) => configuration.serverMetadata().token_endpoint)

describe('metadata of an issuer', () => {
  it('are fetched at the first use, and once for all who wait', async () => {
    const asking = openid()
    expect(asked).toBe(0)
    const found = await Promise.all([1, 2, 3].map(() => endpoint(asking)))
    expect(found).toEqual([1, 2, 3].map(() => `${server.url}/token`))
    expect(asked).toBe(1)
  })

  it('are asked for again after a failure, which is an outage', async () => {
    const asking = openid()
    const working = answer
    answer = (_req, res) => void res.writeHead(500).end()
    expect(await endpoint(asking)).toMatchObject({ status: 503, reason: 'issuer_unavailable' })
    answer = working
    expect(await endpoint(asking)).toBe(`${server.url}/token`)
  })

  it('are taken from the issuer that was named, and from no other', async () => {
    expect(await endpoint(openid(['https://other.test']))).toMatchObject({
      status: 503,
      detail: 'The metadata are of another issuer than https://other.test',
    })
    answer = (_req, res) => sendJson(res, metadata({ issuer: 'https://evil.test' }))
    expect(await endpoint(openid())).toMatchObject({ status: 503 })
  })

  it('may name any spelling of the issuer', async () => {
    const other = openid(['https://other.test', server.url])
    expect(await endpoint(other)).toBe(`${server.url}/token`)
  })
})

describe('an error of a call', () => {
  it('is an outage, unless the caller knows it', async () => {
    const asking = openid()
    const odd = await asking.ask(() => Promise.reject(new Error('odd')))
    expect(odd).toMatchObject({ status: 503, detail: 'odd' })
    const known = invalidToken('session_ended')
    const told = await asking.ask(
      () => Promise.reject(new Error('known')),
      (error) => (error instanceof Error && error.message === 'known' ? known : undefined),
    )
    expect(told).toBe(known)
  })

  it('is told by its cause where the client library does not know it', async () => {
    const error = Object.assign(new Error('something went wrong'), { cause: new Error('no route') })
    expect(await openid().ask(() => Promise.reject(error))).toMatchObject({ detail: 'no route' })
  })

  it('is told once, where its cause says the same', async () => {
    const cause = new Error('no such package')
    const error = new Error('Run npm install openid-client (no such package)', {
      cause,
    })
    expect(await openid().ask(() => Promise.reject(error))).toMatchObject({
      detail: 'Run npm install openid-client (no such package)',
    })
  })

  it('says what to look at where the issuer refuses us as a client (RFC 6749 §5.2)', async () => {
    const refusals = [
      { error: 'invalid_client' },
      { error: 'unauthorized_client' },
      { status: 401 },
    ]
    for (const error of refusals) {
      const told = await openid().ask(() => Promise.reject(Object.assign(new Error('no'), error)))
      const match: unknown = expect.stringContaining('it refuses our "clientId" or "clientAuth"')
      expect(told).toMatchObject({ status: 503, detail: match })
    }
  })

  it('shows nothing of an answer', async () => {
    const error = Object.assign(new Error('no'), { cause: { body: 'refresh_token=hidden' } })
    expect(JSON.stringify(await openid().ask(() => Promise.reject(error)))).not.toContain('hidden')
  })
})

it.each([
  [{ error: 'invalid_grant' }, 'invalid_grant'],
  [{ error: 'x'.repeat(64) }, 'x'.repeat(64)],
  [{ error: 'x'.repeat(65) }, undefined],
  [{ error: 'Invalid' }, undefined],
  [{ error: 'a\nb' }, undefined],
  [{ error: '' }, undefined],
  [{ error: 5 }, undefined],
  [new Error('invalid_grant'), undefined],
  ['invalid_grant', undefined],
  [undefined, undefined],
])('an error of OAuth is known by its looks: %j', (error, name) => {
  expect(oauthErrorOf(error)).toBe(name)
})
