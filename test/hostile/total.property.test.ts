import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { createTestIssuer } from '../../lib/testing.js'
import { startApi, type TestApi } from '../../tools/api.js'
import { bearerParameters } from '../../tools/challenge.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { rawRequest } from '../../tools/server.js'
import { HOSTILE_AUTHORIZATIONS } from './headers.js'

const issuer = createTestIssuer()
let api: TestApi
let problems: TestApi
let valid: string

beforeAll(async () => {
  api = await startApi(issuer)
  problems = await startApi(issuer, { optional: true, errorFormat: 'problem', realm: 'a b' })
  valid = issuer.token({ scope: 'read', exp: Math.floor(Date.now() / 1000) + 3600 })
})

afterAll(async () => {
  await Promise.all([api.close(), problems.close()])
})

/** Any bytes that can stand in one header line. */
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) =>
  Buffer.from(array)
    .toString('latin1')
    .replace(/[\r\n]/g, ''),
)

const authorization = fc.oneof(
  bytes,
  bytes.map((value) => `Bearer ${value}`),
  fc.constantFrom(...HOSTILE_AUTHORIZATIONS.map(([, value]) => value)),
  fc
    .tuple(
      fc.constantFrom('Bearer', 'bearer', 'BEARER', 'Basic', ''),
      fc.constantFrom(' ', '  ', '\t', ''),
      fc.stringMatching(/^[A-Za-z0-9\-._~+/]{0,60}={0,3}$/),
    )
    .map((parts) => parts.join('')),
)

/** Headers that say nothing about the framing of the message, which is Node's affair. */
const headerName = fc.constantFrom(
  'Accept',
  'Cookie',
  'Origin',
  'Host',
  'Content-Type',
  'Sec-Fetch-Site',
  'X-Forwarded-Host',
  'X-HTTP-Method-Override',
  'If-None-Match',
  'Range',
  'DPoP',
  'Proxy-Authorization',
  '__proto__',
  'constructor',
)

const method = fc.constantFrom(
  'GET',
  'HEAD',
  'POST',
  'OPTIONS',
  'PUT',
  'DELETE',
  'TRACE',
  'PROPFIND',
)

/** Sends one request and checks that it is answered once, by a client error or less. */
async function expectOneAnswer(
  server: TestApi,
  lines: readonly string[],
  verb: string,
): Promise<void> {
  const answer = await rawRequest(server.port, lines, `${verb} /r HTTP/1.1`)
  expect(answer.status).toBeGreaterThanOrEqual(200)
  expect(answer.status).toBeLessThan(500)
  expect(answer.body).not.toContain('HTTP/1.1 ')
  const challenges = answer.headers.get('www-authenticate') ?? []
  // The strict parser throws on any fault.
  expect(challenges.map((challenge) => 'realm' in bearerParameters(challenge))).toEqual(
    challenges.map(() => true),
  )
}

describe('For any bytes in any header', () => {
  it('there is one answer, never a 5xx, and a challenge of strict grammar', async () => {
    const lines = fc.tuple(
      fc.array(authorization, { maxLength: 2 }),
      fc.array(fc.tuple(headerName, bytes), { maxLength: 3 }),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(api, problems),
        lines,
        method,
        async (server, [credentials, others], verb) => {
          const sent = [
            ...credentials.map((value) => `Authorization: ${value}`),
            ...others.map(([name, value]) => `${name}: ${value}`),
          ]
          await expectOneAnswer(server, sent, verb)
        },
      ),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('no other header turns a good request away, or a bad one into a good one', async () => {
    const harmless = headerName.filter(
      (name) => name !== 'Host' && name !== 'If-None-Match' && name !== 'Range',
    )
    const printable = fc.string({ maxLength: 100, unit: 'grapheme-ascii' })
    await fc.assert(
      fc.asyncProperty(harmless, printable, fc.boolean(), async (name, value, good) => {
        const token = good ? valid : `${valid}x`
        const lines = [`Authorization: Bearer ${token}`, `${name}: ${value}`]
        const { status } = await rawRequest(api.port, lines, 'GET /r HTTP/1.1')
        expect(status).toBe(good ? 200 : 401)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})
