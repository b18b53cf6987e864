import { createHash, X509Certificate } from 'node:crypto'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { AuthScheme } from '../../../lib/core/auth/scheme.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { Sender } from '../../../lib/core/queue/sender.js'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import type { RequestHead } from '../../../lib/http/request/request-head.js'
import { memoryReplayStore } from '../../../lib/replay/memory-store.js'
import type { Claims } from '../../../lib/tokens/jwt/claims.js'
import type { Binding } from '../../../lib/tokens/proof/binding/binding.js'
import type { ProofNeed } from '../../../lib/tokens/proof/binding/possession.js'
import type { DpopOptions } from '../../../lib/tokens/proof/dpop/dpop-options.js'
import { createProofs, type ProofOptions } from '../../../lib/tokens/proof/proofs.js'
import { ANN, BOB } from '../../../tools/client-certificates.js'
import { createDpopClient, type DpopClient } from '../../../tools/dpop-client.js'

const NOW = 1_800_000_000
const ORIGIN = 'https://api.example.com'
const clock = (): number => NOW
const token = 'a.b.c'
const derOf = ({ cert }: { readonly cert: string }): Buffer => new X509Certificate(cert).raw

const ANNS = derOf(ANN)
const CERTIFICATE = createHash('sha256').update(ANNS).digest('base64url')
const mtls = { certificate: 'tls' } as const
const dpop = (more: Partial<DpopOptions> = {}): DpopOptions => ({
  replay: memoryReplayStore(),
  ...more,
})
const compile = (options: ProofOptions): ReturnType<typeof createProofs> =>
  createProofs(optionCheck('test'), { clock, ...options })
const withDpop = (more: Partial<DpopOptions> = {}): ProofOptions => ({
  origin: ORIGIN,
  dpop: dpop(more),
})

let client: DpopClient
let key: string
beforeAll(async () => {
  client = await createDpopClient({ url: `${ORIGIN}/r`, clock })
  key = client.confirmation.jkt
})

const good = (): Promise<string> => client.proof(token)
const keyNeed = (): Binding => ({ keyThumbprint: key, certificateThumbprint: undefined })

interface Sent {
  readonly proof?: string | undefined
  readonly certificate?: Buffer | undefined
}

function headOf({ proof, certificate }: Sent): RequestHead {
  const lines = (name: string): string[] => (name === 'dpop' && proof !== undefined ? [proof] : [])
  return {
    method: 'GET',
    url: '/r',
    header: (name) => lines(name)[0],
    headerLines: lines,
    client: { address: '127.0.0.1', gone: false },
    peer: { address: '127.0.0.1', certificate: () => certificate },
  }
}

type Bound = 'none' | 'key' | 'certificate' | 'both'
const cnfOf = (bound: Bound): Claims =>
  ({
    none: {},
    key: { cnf: { jkt: key } },
    certificate: { cnf: { 'x5t#S256': CERTIFICATE } },
    both: { cnf: { jkt: key, 'x5t#S256': CERTIFICATE } },
  })[bound]

const BOUND = 'The token is bound to a key of its client, and '
const NOT_TAKEN = 'Plain tokens are not taken here'
const NO_KEY = 'It came with the scheme DPoP, and is bound to no key'
const NO_DPOP = `${BOUND}no "dpop" is set`
const NO_MTLS = `${BOUND}no "mtls" is set`
const NO_SCHEME = `${BOUND}it was not sent with the scheme DPoP`

/** A need in words, and why it is a refusal. */
function told(need: ProofNeed | undefined): readonly (string | undefined)[] {
  if (need === undefined) return ['nothing', undefined]
  if (need instanceof AuthError) return [need.reason, need.detail]
  const parts = [
    need.keyThumbprint === key && 'key',
    need.certificateThumbprint === CERTIFICATE && 'certificate',
  ]
  return [parts.filter(Boolean).join(' and '), undefined]
}

describe('what a token must prove', () => {
  const OPTIONS = {
    none: {},
    dpop: withDpop(),
    mtls: { mtls },
    all: { ...withDpop(), mtls },
    dpopAlone: withDpop({ mode: 'require' }),
    mtlsAlone: { mtls: { ...mtls, mode: 'require' } },
    dpopOrCertificate: { ...withDpop({ mode: 'require' }), mtls },
    certificateOrDpop: { ...withDpop(), mtls: { ...mtls, mode: 'require' } },
  } satisfies Record<string, ProofOptions>

  it.each<[keyof typeof OPTIONS, Bound, AuthScheme | undefined, string, string | undefined]>([
    ['none', 'none', 'Bearer', 'nothing', undefined],
    ['none', 'none', undefined, 'nothing', undefined],
    ['all', 'none', 'Bearer', 'nothing', undefined],
    ['all', 'none', undefined, 'nothing', undefined],
    ['none', 'none', 'DPoP', 'unbound_token', NO_KEY],
    ['all', 'none', 'DPoP', 'unbound_token', NO_KEY],
    ['all', 'certificate', 'DPoP', 'unbound_token', NO_KEY],
    ['dpopAlone', 'none', 'DPoP', 'unbound_token', NO_KEY],
    ['dpopAlone', 'none', 'Bearer', 'unbound_token', NOT_TAKEN],
    ['mtlsAlone', 'none', 'Bearer', 'unbound_token', NOT_TAKEN],
    ['dpopOrCertificate', 'none', 'Bearer', 'unbound_token', NOT_TAKEN],
    ['certificateOrDpop', 'none', 'Bearer', 'unbound_token', NOT_TAKEN],
    ['none', 'key', 'DPoP', 'bound_token', NO_DPOP],
    ['none', 'key', 'Bearer', 'bound_token', NO_DPOP],
    ['mtls', 'both', 'DPoP', 'bound_token', NO_DPOP],
    ['dpop', 'key', 'Bearer', 'bound_token', NO_SCHEME],
    ['dpop', 'key', undefined, 'bound_token', NO_SCHEME],
    ['all', 'both', 'Bearer', 'bound_token', NO_SCHEME],
    ['none', 'certificate', 'Bearer', 'bound_token', NO_MTLS],
    ['dpop', 'certificate', 'Bearer', 'bound_token', NO_MTLS],
    ['dpop', 'both', 'DPoP', 'bound_token', NO_MTLS],
    ['dpop', 'key', 'DPoP', 'key', undefined],
    ['dpopAlone', 'key', 'DPoP', 'key', undefined],
    ['certificateOrDpop', 'key', 'DPoP', 'key', undefined],
    ['mtls', 'certificate', 'Bearer', 'certificate', undefined],
    ['mtls', 'certificate', undefined, 'certificate', undefined],
    ['mtlsAlone', 'certificate', 'Bearer', 'certificate', undefined],
    ['dpopOrCertificate', 'certificate', 'Bearer', 'certificate', undefined],
    ['all', 'both', 'DPoP', 'key and certificate', undefined],
  ])('by "%s", bound to %s, sent as %s: %s', (options, bound, scheme, expected, detail) => {
    const need = compile(OPTIONS[options]).possession.needOf(cnfOf(bound), scheme)
    expect(told(need)).toEqual([expected, detail])
  })

  it('is refused for a "cnf" that nobody can prove, whatever the scheme', () => {
    const need = compile({}).possession.needOf({ cnf: { kid: 'a' } }, 'DPoP')
    expect(need).toMatchObject({ reason: 'bound_token' })
  })
})

describe('a token that is bound', () => {
  it.each<[string, Bound, () => Promise<Sent>, string]>([
    ['to a key passes with its proof', 'key', async () => ({ proof: await good() }), 'passes'],
    ['to a key asks for its proof', 'key', async () => ({}), 'missing_proof'],
    [
      'to a key asks for its proof, whatever the certificate',
      'key',
      async () => ({ certificate: ANNS }),
      'missing_proof',
    ],
    [
      'to a key asks for a proof of this token',
      'key',
      async () => ({ proof: await client.proof('another') }),
      'proof_mismatch',
    ],
    [
      'to a certificate passes with it',
      'certificate',
      async () => ({ certificate: ANNS }),
      'passes',
    ],
    ['to a certificate asks for it', 'certificate', async () => ({}), 'wrong_certificate'],
    [
      'to a certificate takes no proof in its place',
      'certificate',
      async () => ({ proof: await good() }),
      'wrong_certificate',
    ],
    [
      'to a certificate takes no other',
      'certificate',
      async () => ({ certificate: derOf(BOB) }),
      'wrong_certificate',
    ],
    [
      'to both passes with both',
      'both',
      async () => ({ proof: await good(), certificate: ANNS }),
      'passes',
    ],
    ['to both asks for the proof', 'both', async () => ({ certificate: ANNS }), 'missing_proof'],
    [
      'to both asks for the certificate',
      'both',
      async () => ({ proof: await good() }),
      'wrong_certificate',
    ],
  ])('%s', async (_name, bound, sent, expected) => {
    const { possession } = compile({ ...withDpop(), mtls })
    const need = possession.needOf(cnfOf(bound), bound === 'certificate' ? 'Bearer' : 'DPoP')!
    const verdict = await possession.judge(need, { token, head: headOf(await sent()) })
    // Nothing but that it passed: no nonce is asked for.
    const outcome = verdict instanceof AuthError ? verdict.reason : verdict
    expect(outcome).toEqual(expected === 'passes' ? {} : expected)
  })

  it.each<[string, Bound, ProofOptions]>([
    ['no request carries it', 'key', withDpop()],
    ['no request carries it', 'certificate', { mtls }],
    ['no "mtls" is set', 'certificate', withDpop()],
    ['no "mtls" is set', 'both', withDpop()],
    ['no "dpop" is set', 'key', { mtls }],
    ['no "dpop" is set', 'both', { mtls }],
  ])('is refused because %s (bound to: %s)', async (why, bound, options) => {
    // Its need was found by a guard that takes both.
    const all = compile({ ...withDpop(), mtls }).possession
    const need = all.needOf(cnfOf(bound), bound === 'certificate' ? 'Bearer' : 'DPoP')!
    const head = headOf({ proof: await good(), certificate: ANNS })
    const presented = why.startsWith('no request') ? { token } : { token, head }
    expect(await compile(options).possession.judge(need, presented)).toMatchObject({
      code: 'invalid_token',
      reason: 'bound_token',
      detail: `${BOUND}${why}`,
    })
  })

  it('and refused already stays refused, whatever comes with it', async () => {
    const refusal = invalidToken('bound_token', 'x')
    const head = headOf({ proof: await good(), certificate: ANNS })
    expect(compile({ ...withDpop(), mtls }).possession.judge(refusal, { token, head })).toBe(
      refusal,
    )
  })
})

describe('a proof', () => {
  it('is judged by the clock of the system where no other is given', async () => {
    const { possession } = compile({ ...withDpop(), clock: undefined } as ProofOptions)
    const now = Math.floor(Date.now() / 1000)
    const reasons = [now, NOW].map(async (iat) => {
      const head = headOf({ proof: await client.proof(token, { claims: { iat } }) })
      return possession.judge(keyNeed(), { token, head })
    })
    expect(await Promise.all(reasons)).toMatchObject([{}, { reason: 'stale_proof' }])
  })

  it('without a nonce is answered with one, and one that grows old with the next', async () => {
    let now = NOW
    const secrets = ['a secret of more than thirty-two bytes']
    const options = { ...withDpop({ nonce: { secrets } }), clock: () => now }
    const { possession } = createProofs(optionCheck('test'), options)
    const judge = async (nonce?: string): Promise<unknown> => {
      const head = headOf({ proof: await client.proof(token, { claims: { nonce } }) })
      return possession.judge(keyNeed(), { token, head })
    }
    const refusal = (await judge()) as AuthError
    expect(refusal).toMatchObject({ code: 'use_dpop_nonce', nonce: expect.any(String) })
    expect(await judge(refusal.nonce)).toEqual({})
    now += 31
    const next = (await judge(refusal.nonce)) as { readonly nonce?: string }
    expect(next).toEqual({ nonce: expect.any(String) })
    expect(next.nonce).not.toBe(refusal.nonce)
  })

  it.each<[string, boolean | undefined, boolean]>([
    ['of a client that has gone is not verified while others wait', true, true],
    ['of a client that waits is verified in its turn', false, false],
    ['of nobody in particular is verified in its turn', undefined, false],
  ])('%s', async (_name, gone, isRefused) => {
    const { possession } = compile(withDpop())
    const sender: Sender | undefined =
      gone === undefined ? undefined : { network: '192.0.2.0/24', arrivedAt: Infinity, gone }
    // More at once than there are threads for.
    const proofs = await Promise.all(Array.from({ length: 12 }, () => client.proof(token)))
    const verdicts = await Promise.all(
      proofs.map(async (proof) =>
        possession.judge(keyNeed(), { token, head: headOf({ proof }), ...(sender && { sender }) }),
      ),
    )
    expect(verdicts.some((verdict) => verdict instanceof AuthError)).toBe(isRefused)
  })
})
