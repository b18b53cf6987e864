import { createServer } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { requireBearer } from '../../lib/index.js'
import { startApi, type TestApi } from '../../tools/api.js'
import { bearerParameters } from '../../tools/challenge.js'
import { forge, takeApart } from '../support/forge.js'
import { createSigningKey, startIssuer, type TestIssuer } from '../../tools/issuer.js'
import { rawRequest, running } from '../../tools/server.js'
import { HOSTILE_AUTHORIZATIONS } from './headers.js'
import { hostileTokens } from './tokens.js'

let issuer: TestIssuer
let api: TestApi
let lenient: TestApi

beforeAll(async () => {
  issuer = await startIssuer()
  api = await startApi(issuer)
  lenient = await startApi(issuer, { optional: true })
})

afterAll(async () => {
  await Promise.all([api.close(), lenient.close()])
  await issuer.close()
})

describe('The hostile corpus', () => {
  it.each(HOSTILE_AUTHORIZATIONS)('is refused in a header: %s', async (_name, value) => {
    const answer = await rawRequest(api.port, [`Authorization: ${value}`], 'GET /r HTTP/1.1')
    expect([400, 401]).toContain(answer.status)
    expect(answer.body).not.toContain('HTTP/1.1')
    const [challenge = ''] = answer.headers.get('www-authenticate') ?? []
    expect(bearerParameters(challenge)['realm']).toBe('api')
  })

  it.each([0, 1])(
    'is refused as a token, whether one is required or optional (%d)',
    async (index) => {
      const asked = [api, lenient][index]!
      const valid = await issuer.token()
      const tokens = hostileTokens(valid, issuer.key, await createSigningKey('key-1'))
      const accepted: string[] = []
      for (const [name, token] of tokens) {
        const { status } = await asked.get(token)
        if (status !== 401) accepted.push(`${name}: ${status}`)
      }
      expect(accepted).toEqual([])
      expect((await asked.get(valid)).status).toBe(200)
    },
  )

  it('stays quiet in its logs: no event holds a token or a signature (9700-05)', async () => {
    const valid = await issuer.token()
    const tokens = hostileTokens(valid, issuer.key, await createSigningKey('key-1'))
    const before = api.events.length
    for (const [, token] of tokens) await api.get(token)
    const log = JSON.stringify(api.events.slice(before))
    const leaked = [valid, ...tokens.map(([, token]) => token)]
      .flatMap((token) => [token, ...token.split('.')])
      .filter((part) => part.length > 16 && log.includes(part))
    expect(leaked).toEqual([])
  })

  it('does not mean large tokens: 7 kB pass', async () => {
    const { header, payload } = takeApart(await issuer.token())
    const groups = Array.from({ length: 450 }, (_, index) => `group-${index}`)
    const token = forge(header, { ...payload, groups }, issuer.key)
    expect(token.length).toBeGreaterThan(7000)
    expect((await api.get(token)).status).toBe(200)
  })

  it.each([12_289, 16_384, 60_000])(
    'refuses a token of %d characters unread, where a server lets it in',
    async (length) => {
      const reasons: unknown[] = []
      const { url, audience } = issuer
      const guard = requireBearer({
        issuer: url,
        audience,
        onEvent: (event) => reasons.push(event.name === 'request.refused' && event.reason),
      })
      const server = await running(
        createServer({ maxHeaderSize: 131_072 }, (req, res) => guard(req, res, () => res.end())),
      )
      const valid = await issuer.token()
      const token = `${valid}${'A'.repeat(length - valid.length)}`
      const answer = await rawRequest(server.port, [`Authorization: Bearer ${token}`])
      expect([answer.status, reasons.at(-1)]).toEqual([400, 'token_too_large'])
      guard.close()
      await server.close()
    },
  )

  it('leaves a token of 16 kB to Node itself, where its limit is the usual one', async () => {
    const line = `Authorization: Bearer ${'A'.repeat(16_384)}`
    expect((await rawRequest(api.port, [line], 'GET /r HTTP/1.1')).status).toBe(431)
  })

  it.each([
    [50, '[', ']', 200],
    [50, '{"a":', '}', 200],
    [100, '[', ']', 401],
    [1000, '{"a":', '}', 401],
    [3800, '[', ']', 401],
  ])('judges claims nested %d levels deep by %s: %s%d', async (levels, open, close, status) => {
    const { header, payload } = takeApart(await issuer.token())
    const deep = `${open.repeat(levels)}1${close.repeat(levels)}`
    const text = JSON.stringify(payload).replace('{', `{"deep":${deep},`)
    expect((await api.get(forge(header, text, issuer.key))).status).toBe(status)
  })
})
