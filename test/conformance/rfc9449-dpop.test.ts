// oxlint-disable max-lines -- One file a standard: its lines are looked up by their ids.
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, beforeAll, afterAll, describe, expect, it } from '@jest/globals'
import request, { type Response } from 'supertest'
import { memoryReplayStore, protectedResourceMetadata, type DpopOptions } from '../../lib/index.js'
import { createTestIssuer } from '../../lib/testing.js'
import { frozenClock, startApi, type TestApi, type TestApiOptions } from '../../tools/api.js'
import { parseChallenges } from '../../tools/challenge.js'
import { createDpopClient, type DpopClient, type ProofChanges } from '../../tools/dpop-client.js'

const ORIGIN = 'https://api.example.com'
const URL_R = `${ORIGIN}/r`
const clock = frozenClock()
const SECRETS = [
  'the newest secret, of more than 32 bytes',
  'an older secret, of more than 32 bytes',
]
const issuer = createTestIssuer({ clock })
let client: DpopClient
let bound: string
let plain: string
let api: TestApi
let nonces: TestApi

function start(dpop: Partial<DpopOptions> = {}, more: TestApiOptions = {}): Promise<TestApi> {
  const all = { replay: memoryReplayStore(), ...dpop }
  return startApi(issuer, { clock, origin: ORIGIN, dpop: all, ...more })
}

beforeAll(async () => {
  client = await createDpopClient({ url: URL_R, clock })
  bound = issuer.token({ scope: 'read', cnf: client.confirmation })
  plain = issuer.token({ scope: 'read' })
  api = await start()
  nonces = await start({ nonce: { secrets: SECRETS } })
})

afterAll(async () => {
  await api.close()
  await nonces.close()
})

afterEach(() => {
  clock.now = 1_800_000_000
})

interface Sent {
  readonly token?: string
  readonly scheme?: string
  readonly proof?: string | undefined
  readonly path?: string
  readonly method?: 'get' | 'head'
  readonly at?: TestApi
  readonly headerName?: string
}

async function send(sent: Sent): Promise<Response> {
  const { token = bound, scheme = 'DPoP', proof, path = '/r', method = 'get', at = api } = sent
  const asking = request(at.url)[method](path).set('Authorization', `${scheme} ${token}`)
  return proof === undefined ? asking : asking.set(sent.headerName ?? 'DPoP', proof)
}

const proven = async (changes: ProofChanges = {}, sent: Sent = {}): Promise<Response> =>
  send({ ...sent, proof: await client.proof(sent.token ?? bound, changes) })

/** Each challenge, by its scheme. */
function challenges(response: Response): Record<string, Record<string, string>> {
  const all = parseChallenges(response.headers['www-authenticate'] as string)
  return Object.fromEntries(
    all.map(({ scheme, parameters }) => [scheme, Object.fromEntries(parameters)]),
  )
}

function expectRefused(response: Response, error: string, scheme = 'DPoP'): void {
  expect([response.status, (response.body as { error?: string }).error]).toEqual([401, error])
  expect(response.headers['cache-control']).toBe('no-store')
  for (const [name, parameters] of Object.entries(challenges(response))) {
    expect([name, parameters['error']]).toEqual([name, name === scheme ? error : undefined])
  }
}

const others = {
  ofAnotherToken: () => client.proof(plain),
  twice: async () => `${await client.proof(bound)}, ${await client.proof(bound)}`,
  broken: async () => {
    const proof = await client.proof(bound)
    return proof.slice(0, -2) + (proof.endsWith('AA') ? 'BA' : 'AA')
  },
  fat: () => client.proof(bound, { claims: { jti: 'x'.repeat(9000) } }),
}

describe('RFC 9449: DPoP', () => {
  it('takes a bound token with its proof, whatever the case of the header and scheme (9449-01, 9449-26, 9449-27)', async () => {
    expect((await proven()).status).toBe(200)
    expect((await proven({}, { headerName: 'dPOP', scheme: 'dpop' })).status).toBe(200)
  })

  it.each(['ES384', 'ES512', 'EdDSA', 'Ed25519', 'PS256', 'RS256'])(
    'takes proofs by %s (9449-06, 9449-07)',
    async (alg) => {
      const another = await createDpopClient({ url: URL_R, clock, alg })
      const token = issuer.token({ scope: 'read', cnf: another.confirmation })
      expect((await send({ token, proof: await another.proof(token) })).status).toBe(200)
    },
  )

  it.each([
    ['two proofs (9449-02)', others.twice],
    ['garbage (9449-03)', () => 'garbage'],
    ['JSON (9449-03)', () => '{"typ":"dpop+jwt"}'],
    ['an empty header (9449-29)', () => ''],
    ['a signature that does not verify (9449-07)', others.broken],
    ['the proof of another token (9449-24)', others.ofAnotherToken],
    ['a proof of 9 kB (9449-22)', others.fat],
    ['no header at all (9449-29)', () => undefined],
  ])('refuses %s: 401 and invalid_dpop_proof (9449-42)', async (_name, proof) => {
    expectRefused(await send({ proof: await proof() }), 'invalid_dpop_proof')
  })

  it.each(['typ', 'alg', 'jwk'])(
    'refuses a proof without "%s" in its header (9449-04)',
    async (name) => {
      const proof = await client.proof(bound)
      const [header = '', ...rest] = proof.split('.')
      const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
      const changed = Buffer.from(JSON.stringify({ ...members, [name]: undefined }))
      const without = [changed.toString('base64url'), ...rest].join('.')
      expectRefused(await send({ proof: without }), 'invalid_dpop_proof')
    },
  )

  it.each(['jti', 'htm', 'htu', 'iat', 'ath'])(
    'refuses a proof without "%s" (9449-04)',
    async (name) => {
      expectRefused(await proven({ claims: { [name]: undefined } }), 'invalid_dpop_proof')
    },
  )

  it.each([
    ['jti', 7],
    ['jti', ''],
    ['iat', '1800000000'],
    ['htm', ['GET']],
    ['htu', {}],
    ['ath', null],
  ])('refuses a "%s" of %j (9449-04)', async (name, value) => {
    expectRefused(await proven({ claims: { [name]: value } }), 'invalid_dpop_proof')
  })

  it.each(['JWT', 'at+jwt', 'DPoP', 'application/dpop+jwt'])(
    'refuses the "typ" %s (9449-05)',
    async (typ) => {
      expectRefused(await proven({ header: { typ } }), 'invalid_dpop_proof')
    },
  )

  it.each(['none', 'HS256', 'ES384', 'RS1'])('refuses the "alg" %s (9449-06)', async (alg) => {
    const [header = '', ...rest] = (await client.proof(bound)).split('.')
    const members = JSON.parse(Buffer.from(header, 'base64url').toString()) as object
    const changed = Buffer.from(JSON.stringify({ ...members, alg })).toString('base64url')
    expectRefused(await send({ proof: [changed, ...rest].join('.') }), 'invalid_dpop_proof')
  })

  it('takes no algorithm outside the list, and names the list in the challenge (9449-06, 9449-31)', async () => {
    const strict = await start({ algorithms: ['PS256', 'EdDSA'] })
    const response = await proven({}, { at: strict })
    expectRefused(response, 'invalid_dpop_proof')
    expect(challenges(response)['DPoP']).toMatchObject({ algs: 'PS256 EdDSA', realm: 'api' })
    await strict.close()
  })

  it.each([
    ['private members', () => client.privateJwk],
    ['a symmetric key', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
    ['no object', () => 'x'],
    ['a point that is not on the curve', () => ({ ...client.jwk, y: client.jwk.x })],
  ])('refuses a "jwk" with %s (9449-08)', async (_name, jwk) => {
    expectRefused(await proven({ header: { jwk: jwk() } }), 'invalid_dpop_proof')
  })

  it.each(['PUT', 'get', 'HEAD'])('refuses the "htm" %s for a GET (9449-09)', async (htm) => {
    expectRefused(await proven({ claims: { htm } }), 'invalid_dpop_proof')
  })

  it('wants HEAD for a HEAD request (9449-09, 9110-14)', async () => {
    expect((await proven({ claims: { htm: 'HEAD' } }, { method: 'head' })).status).toBe(200)
    expect((await proven({}, { method: 'head' })).status).toBe(401)
  })

  it.each([
    ['with query and fragment (9449-10)', `${URL_R}?q=1#f`],
    ['in upper case (9449-11)', 'HTTPS://API.EXAMPLE.COM/r'],
    ['with the default port (9449-11)', 'https://api.example.com:443/r'],
    ['with dot segments (9449-11)', 'https://api.example.com/a/./b/../../r'],
    ['with an escaped letter (9449-11)', 'https://api.example.com/%72'],
  ])('takes an "htu" %s', async (_name, htu) => {
    expect((await proven({ claims: { htu } })).status).toBe(200)
  })

  it('leaves the query of the request out as well (9449-10)', async () => {
    expect((await proven({}, { path: '/r?q=1' })).status).toBe(200)
  })

  it.each([
    ['another path (9449-10)', `${ORIGIN}/s`],
    ['another host (9449-10)', 'https://evil.example/r'],
    ['another scheme (9449-11)', 'http://api.example.com/r'],
    ['another port (9449-11)', 'https://api.example.com:8443/r'],
    ['a slash more (9449-11)', `${URL_R}/`],
    ['an escaped slash (9449-11)', `${ORIGIN}%2Fr`],
    ['another case of the path (9449-11)', `${ORIGIN}/R`],
    ['a tab (9449-12)', `${ORIGIN}/\tr`],
    ['a backslash (9449-12)', `${ORIGIN}\\r`],
    ['a full stop of another script (9449-12)', 'https://api.example。com/r'],
    ['user information (9449-12)', 'https://api.example.com@evil.example/r'],
    ['our name for a user (9449-12)', 'https://user@api.example.com/r'],
  ])('refuses an "htu" with %s', async (_name, htu) => {
    expectRefused(await proven({ claims: { htu } }), 'invalid_dpop_proof')
  })

  it('takes no origin from Host or an absolute target (9449-13)', async () => {
    const proof = await client.proof(bound, { claims: { htu: 'https://evil.example/r' } })
    const hosted = await request(api.url)
      .get('/r')
      .set('Host', 'evil.example')
      .set('Authorization', `DPoP ${bound}`)
      .set('DPoP', proof)
    expectRefused(hosted, 'invalid_dpop_proof')
    const answer = await raw('GET http://evil.example/r HTTP/1.1', [
      `Authorization: DPoP ${bound}`,
      `DPoP: ${proof}`,
    ])
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
  })

  it('asks for a nonce of ours where nonces are on (9449-14, 9449-18, 9449-19)', async () => {
    const first = await proven({}, { at: nonces })
    expectRefused(first, 'use_dpop_nonce')
    const nonce = first.headers['dpop-nonce'] as string
    expect(nonce).toMatch(/^[\x21\x23-\x5B\x5D-\x7E]+$/)
    expect((await proven({ claims: { nonce } }, { at: nonces })).status).toBe(200)
    expectRefused(await proven({}, { at: nonces }), 'use_dpop_nonce')
  })

  it('refuses wrong and old nonces with a fresh one (9449-14)', async () => {
    const { headers } = await proven({}, { at: nonces })
    const old = headers['dpop-nonce'] as string
    clock.now += 100
    for (const nonce of [old, `${old}x`, 'A'.repeat(30), 7]) {
      const response = await proven({ claims: { nonce } }, { at: nonces })
      expectRefused(response, 'use_dpop_nonce')
      expect(response.headers['dpop-nonce']).not.toBe(old)
    }
  })

  it('takes the nonces of another process, by an older secret too (9449-15)', async () => {
    const another = await start({ nonce: { secrets: SECRETS.slice(1) } })
    const { headers } = await proven({}, { at: another })
    const claims = { nonce: headers['dpop-nonce'] as string }
    expect((await proven({ claims }, { at: nonces })).status).toBe(200)
    await another.close()
  })

  it('hands out a fresh nonce with a good answer once the old one is past half its life (9449-17)', async () => {
    const { headers } = await proven({}, { at: nonces })
    const claims = { nonce: headers['dpop-nonce'] as string }
    expect((await proven({ claims }, { at: nonces })).headers['dpop-nonce']).toBeUndefined()
    clock.now += 40
    const good = await proven({ claims }, { at: nonces })
    expect(good.status).toBe(200)
    // A host of fetch makes its good answers itself.
    if (nonces.guard.name === 'middleware') return
    expect(good.headers['cache-control']).toBe('no-store')
    const nonce = good.headers['dpop-nonce'] as string
    clock.now += 40
    expect((await proven({ claims: { nonce } }, { at: nonces })).status).toBe(200)
  })

  it('exposes the nonce to scripts of other origins (9449-37, 9449-16)', async () => {
    const { headers } = await proven({}, { at: nonces })
    expect(headers['access-control-expose-headers']).toContain('DPoP-Nonce')
    expect(headers['dpop-nonce']).not.toContain(',')
  })

  it('judges by the nonce alone, whatever the clock of the client (9449-20)', async () => {
    const { headers } = await proven({}, { at: nonces })
    const claims = { nonce: headers['dpop-nonce'] as string, iat: 5 }
    expect((await proven({ claims }, { at: nonces })).status).toBe(200)
  })

  it.each([-70, -10, -8, 0, 8, 10])(
    'takes a proof made %d s from now (9449-20)',
    async (seconds) => {
      expect((await proven({ claims: { iat: clock.now + seconds } })).status).toBe(200)
    },
  )

  it.each([-3600, -71, 11, 3600])(
    'refuses a proof made %d s from now (9449-20)',
    async (seconds) => {
      expectRefused(await proven({ claims: { iat: clock.now + seconds } }), 'invalid_dpop_proof')
    },
  )

  it('takes each proof once, of fifty at a time too (9449-21, 9449-23, 9700-06, FAPI-11)', async () => {
    const proof = await client.proof(bound)
    const answers = await Promise.all(Array.from({ length: 50 }, () => send({ proof })))
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1)
    expectRefused(await send({ proof }), 'invalid_dpop_proof')
  })

  it('does not use a proof up that it refuses (9449-21)', async () => {
    const proof = await client.proof(bound)
    expectRefused(await send({ proof, path: '/other' }), 'invalid_dpop_proof')
    expect((await send({ proof })).status).toBe(200)
  })

  it.each([
    ['fails', () => Promise.reject(new Error('down'))],
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    ['gives no answer', () => undefined as unknown as boolean],
  ])('is 503 where the store %s (9449-21)', async (_name, claim) => {
    const down = await start({ replay: { claim } })
    const response = await proven({}, { at: down })
    expect([response.status, down.reason()]).toEqual([503, 'replay_unavailable'])
    expect(response.headers['retry-after']).toBe('1')
    expect(response.headers['www-authenticate']).toBeUndefined()
    await down.close()
  })

  it('refuses a token that is bound to another key (9449-25)', async () => {
    const another = await createDpopClient({ url: URL_R, clock })
    expectRefused(await send({ proof: await another.proof(bound) }), 'invalid_token')
    expect(api.reason()).toBe('wrong_key')
  })

  it('refuses an unbound token with the scheme DPoP (9449-27)', async () => {
    expectRefused(await proven({}, { token: plain }), 'invalid_token')
  })

  it('never takes a bound token for a bearer token, with a proof or without (9449-30, 9449-28)', async () => {
    for (let again = 0; again < 2; again += 1) {
      expectRefused(await send({ scheme: 'Bearer' }), 'invalid_token', 'Bearer')
      expectRefused(await proven({}, { scheme: 'Bearer' }), 'invalid_token', 'Bearer')
    }
    expect(api.reason()).toBe('bound_token')
  })

  it('takes plain tokens beside bound ones, unless the mode is require (8705-15, 9700-01, FAPI-05)', async () => {
    expect((await send({ token: plain, scheme: 'Bearer' })).status).toBe(200)
    const strict = await start({ mode: 'require' })
    const refused = await send({ token: plain, scheme: 'Bearer', at: strict })
    expect([refused.status, strict.reason()]).toEqual([401, 'unbound_token'])
    expect(Object.keys(challenges(refused))).toEqual(['DPoP'])
    expect((await proven({}, { at: strict })).status).toBe(200)
    await strict.close()
  })

  it('offers both schemes where no credential came, without an error (9449-33)', async () => {
    const all = challenges(await api.authorized())
    expect(Object.keys(all)).toEqual(['Bearer', 'DPoP'])
    expect(all['Bearer']).toEqual({ realm: 'api' })
    expect(all['DPoP']).toMatchObject({ realm: 'api', algs: expect.stringContaining('ES256') })
  })

  it('names the error on the scheme that was tried alone (9449-34)', async () => {
    const bad = challenges(await api.authorized('Bearer a.b.c'))
    expect([bad['Bearer']?.['error'], bad['DPoP']?.['error']]).toEqual(['invalid_token', undefined])
  })

  it('names the error on both where the attempt is ambiguous (9449-35)', async () => {
    const lines = [`Authorization: DPoP ${bound}`, `Authorization: Bearer ${bound}`]
    const answer = await raw('GET /r HTTP/1.1', lines)
    expect(answer).toMatch(/^HTTP\/1.1 400 /)
    expect(answer.match(/error="invalid_request"/g)).toHaveLength(2)
  })

  it('names a missing scope on the scheme that was tried alone (9449-34)', async () => {
    const proof = await client.proof(bound, { claims: { htm: 'POST', htu: `${ORIGIN}/w` } })
    const response = await request(api.url)
      .post('/w')
      .set('Authorization', `DPoP ${bound}`)
      .set('DPoP', proof)
    expect(response.status).toBe(403)
    expect(Object.keys(challenges(response))).toEqual(['DPoP'])
  })

  it('lets nobody in by Proxy-Authorization, and challenges by no Proxy-Authenticate (9449-36)', async () => {
    const proof = await client.proof(bound)
    const headers = { 'Proxy-Authorization': `DPoP ${bound}`, DPoP: proof }
    const response = await request(api.url).get('/r').set(headers)
    expect(response.status).toBe(401)
    expect(response.headers['proxy-authenticate']).toBeUndefined()
    expect((await send({ proof })).status).toBe(200)
  })

  it('tells in its metadata what it takes, and in each challenge where they are (9449-32, 9449-38)', async () => {
    const strict = await start({ mode: 'require', algorithms: ['ES256', 'EdDSA'] })
    const metadata = protectedResourceMetadata(strict.guard, { resource: ORIGIN })
    expect(await metadata.respond(new Request(metadata.url))?.json()).toMatchObject({
      dpop_signing_alg_values_supported: ['ES256', 'EdDSA'],
      dpop_bound_access_tokens_required: true,
    })
    for (const response of [await strict.authorized(), await send({ at: strict })]) {
      expect(challenges(response)['DPoP']).toMatchObject({ resource_metadata: metadata.url })
    }
    await strict.close()
  })

  it('ignores further members of a proof (9449-39)', async () => {
    expect((await proven({ claims: { extra: 1 }, header: { kid: 'x' } })).status).toBe(200)
  })

  it.each([
    'http://api.example.com',
    'https://api.example.com/v1',
    'api.example.com',
    'https://u@x',
  ])('refuses %s for a public origin at construction (9449-41)', async (origin) => {
    await expect(start({}, { origin })).rejects.toThrow('"origin" must')
  })

  it('forgets no binding once a token is known (9700-02)', async () => {
    expect((await proven()).status).toBe(200)
    expectRefused(await send({}), 'invalid_dpop_proof')
    expect((await proven()).status).toBe(200)
  })
})

async function raw(line: string, headers: readonly string[]): Promise<string> {
  const socket = connect(api.port, '127.0.0.1')
  socket.end([line, 'Host: x', 'Connection: close', ...headers, '', ''].join('\r\n'))
  return text(socket)
}
