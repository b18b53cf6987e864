import { beforeAll, describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { AuthError, clientCertHeader, memoryReplayStore } from '../../../lib/index.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { createProofs, type Proofs } from '../../../lib/tokens/proof/proofs.js'
import { normaliseTarget, normaliseUri } from '../../../lib/tokens/proof/dpop/target-uri.js'
import { readHeader } from '../../../lib/tokens/jwt/compact.js'
import type { RequestHead } from '../../../lib/http/request/request-head.js'
import { createDpopClient, type DpopClient } from '../../../tools/dpop-client.js'
import { FUZZ_RUNS } from '../../support/runs.js'

const NOW = 1_800_000_000
let client: DpopClient
let proofs: Proofs

beforeAll(async () => {
  client = await createDpopClient({ url: 'https://api.example.com/r', clock: () => NOW })
  proofs = createProofs(optionCheck('test'), {
    origin: 'https://api.example.com',
    dpop: { replay: memoryReplayStore() },
    mtls: { certificate: clientCertHeader({ trustedProxies: ['127.0.0.1'] }) },
    clock: () => NOW,
  })
})

function headWith(lines: Record<string, readonly string[]>): RequestHead {
  return {
    method: 'GET',
    url: '/r',
    header: (name) => lines[name]?.join(', '),
    headerLines: (name) => lines[name] ?? [],
    client: { address: '127.0.0.1', gone: false },
    peer: { address: '127.0.0.1', certificate: () => undefined },
  }
}

async function judged(cnf: unknown, lines: Record<string, readonly string[]>): Promise<unknown> {
  const need = proofs.possession.needOf({ cnf }, 'jkt' in (cnf as object) ? 'DPoP' : 'Bearer')
  return proofs.possession.judge(need!, { token: 'a.b.c', head: headWith(lines) })
}

const CODES = ['invalid_token', 'invalid_dpop_proof']
const segment = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const anyText = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.base64String())
const jsonRecord = fc.dictionary(fc.string(), fc.jsonValue())

/** Never lets pass, never throws, and tells nothing of what came. */
function expectRefusal(verdict: unknown, sent: string): void {
  expect(verdict).toBeInstanceOf(AuthError)
  const { code, detail = '', message } = verdict as AuthError
  expect(CODES).toContain(code)
  // A shorter text may be a word of the message itself.
  const long = sent.length > 12 ? sent : 'nothing that is long enough'
  expect(detail + message).not.toContain(long)
}

describe('proofs of possession', () => {
  it('refuse any DPoP header that is no proof', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyText, { maxLength: 3 }), async (lines) => {
        expectRefusal(await judged(client.confirmation, { dpop: lines }), lines.join(''))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('refuse a JWT of any header and claims', async () => {
    const header = fc.oneof(
      jsonRecord,
      jsonRecord.map((more) => ({ typ: 'dpop+jwt', alg: 'ES256', ...more })),
      fc.oneof(jsonRecord, fc.constant({})).map((more) => ({
        typ: 'dpop+jwt',
        alg: 'ES256',
        jwk: { ...client.jwk, ...more },
      })),
    )
    await fc.assert(
      fc.asyncProperty(header, jsonRecord, anyText, async (head, claims, signature) => {
        const proof = [segment(head), segment(claims), segment(signature)].join('.')
        expectRefusal(await judged(client.confirmation, { dpop: [proof] }), proof)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('refuse any change of a good proof', async () => {
    const good = await client.proof('a.b.c')
    await fc.assert(
      fc.asyncProperty(fc.nat(good.length - 1), fc.string({ minLength: 1 }), async (at, put) => {
        const changed = good.slice(0, at) + put + good.slice(at + 1)
        if (changed === good) return
        expectRefusal(await judged(client.confirmation, { dpop: [changed] }), changed)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('refuse any Client-Cert header', async () => {
    const cnf = { 'x5t#S256': 'A'.repeat(43) }
    const value = fc.oneof(
      anyText,
      anyText.map((text) => `:${Buffer.from(text).toString('base64')}:`),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(value, { maxLength: 3 }), async (lines) => {
        expectRefusal(await judged(cnf, { 'client-cert': lines }), lines.join(''))
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('read any cnf without throwing', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (cnf) => {
        expect(proofs.possession.needOf({ cnf }, 'DPoP')).toBeInstanceOf(AuthError)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

describe('normaliseUri', () => {
  it('is stable: a normalised URI stays as it is', () => {
    const text = fc.oneof(anyText, fc.webUrl({ withQueryParameters: true, withFragments: true }))
    fc.assert(
      fc.property(text, (uri) => {
        const once = normaliseUri(uri)
        const again = once === undefined ? undefined : normaliseUri(once.origin + once.path)
        expect(again).toEqual(once)
        normaliseTarget(uri)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })

  it('finds the same path in a URI and in a request target', () => {
    fc.assert(
      fc.property(fc.webPath(), (path) => {
        const uri = normaliseUri(`https://h.example${path}`)
        fc.pre(path.startsWith('/'))
        expect(normaliseTarget(path)).toBe(uri?.path)
      }),
      { numRuns: FUZZ_RUNS },
    )
  })
})

it('headers of proofs are not remembered among those of issuers', () => {
  const header = segment({ alg: 'ES256' })
  expect(readHeader(header)).not.toBe(readHeader(header))
})
