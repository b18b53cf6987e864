import { createServer } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { requireBearer, type AuthEvent } from '../../lib/index.js'
import { frozenClock } from '../../tools/api.js'
import { encode, forge, signInput } from '../support/forge.js'
import { createSigningKey, type SigningKey } from '../../tools/issuer.js'
import { FUZZ_RUNS } from '../support/runs.js'
import { rawRequest, running, type RawAnswer, type RunningServer } from '../../tools/server.js'

const clock = frozenClock()
const HEADER = { alg: 'EdDSA', kid: 'ed', typ: 'at+jwt' }
const CLAIMS = {
  iss: 'https://id.test',
  aud: 'https://api.test',
  sub: 'user-1',
  exp: clock.now + 300,
  jti: 'token-1',
}

let key: SigningKey
let server: RunningServer
/** What the guard did with the latest request. */
let nexts: unknown[] = []
let events: AuthEvent[] = []
const unhandled: unknown[] = []
const remember = (reason: unknown): void => void unhandled.push(reason)

beforeAll(async () => {
  key = await createSigningKey('ed', 'EdDSA')
  const guard = requireBearer({
    issuer: CLAIMS.iss,
    audience: CLAIMS.aud,
    jwks: { keys: [key.jwk] },
    clock,
    cookie: 'at',
    onEvent: (event) => events.push(event),
  })
  server = await running(
    createServer((req, res) =>
      guard(req, res, (error?: unknown) => {
        nexts.push(error)
        if (nexts.length === 1) res.end('let pass')
      }),
    ),
  )
  process.on('unhandledRejection', remember)
})

afterAll(async () => {
  process.off('unhandledRejection', remember)
  await server.close()
})

function send(lines: readonly string[]): Promise<RawAnswer> {
  nexts = []
  events = []
  return rawRequest(server.port, lines)
}

type Verdict = 'passed' | 'refused'

/** The verdict on one request. Throws where it was both passed on and answered, or by a 5xx, or twice. */
async function verdictOn(lines: readonly string[]): Promise<Verdict> {
  const { status, body } = await send(lines)
  const passed = isDeepStrictEqual([nexts, status, body], [[undefined], 200, 'let pass'])
  const refused = nexts.length === 0 && (status === 400 || status === 401)
  if (passed === refused || body.includes('HTTP/1.1 ') || unhandled.length > 0) {
    throw new Error(`${status} ${body}, ${nexts.length} times passed on: ${String(nexts[0])}`)
  }
  return passed ? 'passed' : 'refused'
}

const json = fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' })
const bytes = fc.uint8Array({ maxLength: 60 })

/** Members that decide something, with values of every type; and any others. */
const changes = fc.dictionary(
  fc.oneof(
    fc.constantFrom(...Object.keys({ ...HEADER, ...CLAIMS })),
    fc.constantFrom('crit', 'b64', 'zip', 'jwk', 'cnf', 'iat', 'nbf', 'scope', 'roles', 'sid'),
    fc.constantFrom('__proto__', 'constructor', 'toString', 'client_id', 'events', 'nonce'),
    fc.string({ maxLength: 5, unit: 'binary' }),
  ),
  fc.oneof(
    json,
    fc.double(),
    fc.constantFrom<unknown>(1e308, -1e308, 2 ** 53, -1, '', [], [null], {}, undefined),
  ),
  { maxKeys: 3 },
)

const segment = fc.oneof(
  json.map((value) => encode(JSON.stringify(value))),
  bytes.map((value) => encode(value)),
  changes.map((changed) => encode({ ...HEADER, ...changed })),
  changes.map((changed) => encode({ ...CLAIMS, ...changed })),
  fc.stringMatching(/^[A-Za-z0-9\-._~+/]{0,60}={0,2}$/),
)

const token = fc.oneof(
  fc.array(segment, { maxLength: 6 }).map((parts) => parts.join('.')),
  fc.tuple(changes, changes).map(([header, claims]) => ({
    signed: `${encode({ ...HEADER, ...header })}.${encode({ ...CLAIMS, ...claims })}`,
  })),
  fc.tuple(segment, segment).map((parts) => ({ signed: parts.join('.') })),
)

function textOf(drawn: string | { readonly signed: string }): string {
  return typeof drawn === 'string' ? drawn : signInput(drawn.signed, key)
}

describe('For any token', () => {
  it('the guard passes it on or answers it, once, and blames nothing but the request', async () => {
    const verdicts = { passed: 0, refused: 0 }
    const property = fc.asyncProperty(token, fc.boolean(), async (drawn, asCookie) => {
      const text = textOf(drawn)
      const line = asCookie ? `Cookie: at=${text}` : `Authorization: Bearer ${text}`
      verdicts[await verdictOn([line, 'Sec-Fetch-Site: same-origin'])] += 1
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
    // Neither verdict may be the answer to everything.
    expect(Math.min(verdicts.passed, verdicts.refused)).toBeGreaterThan(FUZZ_RUNS / 50)
  })

  it('numbers beyond all bounds are no times, and no crash', async () => {
    const digits = fc.stringMatching(/^-?[1-9]\d{0,400}(?:\.\d{1,30})?(?:[eE][+-]?\d{1,6})?$/)
    const name = fc.constantFrom('exp', 'nbf', 'iat', 'sub', 'aud', 'jti', 'x')
    const property = fc.asyncProperty(name, digits, async (member, number) => {
      const claims = JSON.stringify({ ...CLAIMS, [member]: 0 })
      const text = claims.replace(`"${member}":0`, `"${member}":${number}`)
      const verdict = await verdictOn([`Authorization: Bearer ${forge(HEADER, text, key)}`])
      const value = Number(number)
      const sound =
        member === 'x' ||
        (Number.isFinite(value) &&
          ((member === 'exp' && value > clock.now - 5) ||
            ((member === 'nbf' || member === 'iat') && value <= clock.now + 5)))
      expect(verdict).toBe(sound ? 'passed' : 'refused')
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})

describe('For any bytes in a cookie', () => {
  it('the guard passes the request on or answers it, once', async () => {
    const junk = fc.uint8Array({ maxLength: 100 }).map((value) =>
      Buffer.from(value)
        .toString('latin1')
        .replace(/[\r\n]/g, ''),
    )
    const pair = fc.oneof(
      junk,
      junk.map((value) => `at=${value}`),
      token.map((drawn) => `at=${textOf(drawn)}`),
      fc.constantFrom('at', 'at=', '=at', 'at="', 'at==', ' at = x ', '__proto__=x'),
    )
    const header = fc.array(pair, { maxLength: 4 }).map((pairs) => `Cookie: ${pairs.join('; ')}`)
    const property = fc.asyncProperty(fc.array(header, { maxLength: 2 }), async (lines) => {
      expect(['passed', 'refused']).toContain(
        await verdictOn([...lines, 'Sec-Fetch-Site: same-origin']),
      )
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})

describe('For any token that was changed', () => {
  it('no answer and no event has a piece of its signature, nor of one that is good', async () => {
    const valid = signInput(`${encode(HEADER)}.${encode(CLAIMS)}`, key)
    const property = fc.asyncProperty(
      changes,
      fc.boolean(),
      fc.boolean(),
      async (changed, inHeader, signed) => {
        const [header, payload] = inHeader ? [changed, {}] : [{}, changed]
        const input = `${encode({ ...HEADER, ...header })}.${encode({ ...CLAIMS, ...payload })}`
        const sent = signed ? signInput(input, key) : `${input}.${valid.split('.')[2]}`
        const answer = await send([`Authorization: Bearer ${sent}`])
        const said = JSON.stringify([[...answer.headers], answer.body, events, nexts])
        for (const text of [sent, valid]) {
          expect(piecesOf(text.split('.')[2]!).filter((piece) => said.includes(piece))).toEqual([])
        }
      },
    )
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})

describe('For any claims and any header', () => {
  it('an event says one printable line of bounded length, whatever text the token has', async () => {
    const text = fc.string({ unit: 'binary', maxLength: 1000 })
    const name = fc.constantFrom(
      'iss',
      'aud',
      'sub',
      'jti',
      'client_id',
      'scope',
      'alg',
      'kid',
      'typ',
    )
    const property = fc.asyncProperty(name, text, fc.boolean(), async (member, value, expired) => {
      const changed = { [member]: value, ...(expired ? { exp: 1 } : {}) }
      await send([
        `Authorization: Bearer ${forge({ ...HEADER, ...changed }, { ...CLAIMS, ...changed }, key)}`,
      ])
      expect(events.flatMap(textsOf).filter((said) => !/^[ -~]{0,403}$/.test(said))).toEqual([])
      expect(events.length).toBeGreaterThan(0)
    })
    await fc.assert(property, { numRuns: FUZZ_RUNS })
  })
})

/** All the texts in an event, its tokens' facts included. */
function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : []
}

/** Every run of ten characters: 60 bits, which no log says by chance. */
function piecesOf(text: string): readonly string[] {
  return Array.from({ length: text.length - 9 }, (_, at) => text.slice(at, at + 10))
}
