import { afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import type { Credential } from '../../../lib/tokens/access/credential.js'
import type { VerifiedToken } from '../../../lib/tokens/access/entries.js'
import { createJwtVerifier, type JwtVerifierOptions } from '../../../lib/tokens/access/verifier.js'
import type { IssuerPolicy } from '../../../lib/tokens/issuers/policy/policy.js'
import type { IssuerRegistry } from '../../../lib/tokens/issuers/registry/registry.js'
import { NO_PROOFS, type Possession } from '../../../lib/tokens/proof/binding/possession.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { encode, forge } from '../../support/forge.js'
import { oneIssuer, type OneIssuer } from '../../support/one-issuer.js'
import { claimsWith, ISSUER, NOW } from '../../support/policy.js'
import { senderOf } from '../../support/senders.js'

const HEADER = { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' }
const REMEMBERING = { maxEntries: 100, maxBytes: 1_000_000 }

let key: SigningKey
let token: string
let issuer: OneIssuer
let now: number

beforeAll(async () => {
  key = await createSigningKey('key-1', 'ES256')
  token = forge(HEADER, claimsWith(), key)
})

beforeEach(() => {
  issuer = oneIssuer(key)
  now = NOW
})

afterEach(() => {
  jest.restoreAllMocks()
})

interface Judge {
  /** Judges a token as a guard does: by what is remembered of it, where something is. */
  readonly judge: (
    text?: string,
    rest?: Partial<Credential>,
  ) => Promise<Partial<VerifiedToken & AuthError>>
  readonly recall: (text?: string) => unknown
  readonly verify: (text?: string, rest?: Partial<Credential>) => unknown
}

const credentialOf = (text: string, rest: Partial<Credential>): Credential => ({
  token: text,
  transport: 'header',
  ...rest,
})

function judgeWith(options: Partial<JwtVerifierOptions> = {}): Judge {
  const verifier = createJwtVerifier({
    issuers: issuer.registry,
    clock: () => now,
    possession: NO_PROOFS,
    verifiedTokens: REMEMBERING,
    ...options,
  })
  return {
    judge: async (text = token, rest = {}) =>
      verifier.recall(text) ?? verifier.verify(credentialOf(text, rest), text),
    recall: (text = token) => verifier.recall(text),
    verify: (text = token, rest = {}) => verifier.verify(credentialOf(text, rest), text),
  }
}

/** Judges by the same registry, with one function in the place of its own. */
function judgeBy(
  changes: Partial<IssuerRegistry>,
  options: Partial<JwtVerifierOptions> = {},
): Judge {
  return judgeWith({ issuers: { ...issuer.registry, ...changes }, ...options })
}

function judgeUnder(
  policy: Partial<IssuerPolicy>,
  options: Partial<JwtVerifierOptions> = {},
): Judge {
  issuer = oneIssuer(key, policy)
  return judgeWith(options)
}

describe('a token that was never seen', () => {
  it('means what its claims say, by the rules of its issuer', async () => {
    expect(await judgeWith().judge()).toMatchObject({
      auth: { issuer: ISSUER, subject: 'user-1', expiresAt: NOW + 300, transport: 'header' },
      policy: issuer.policy,
    })
  })

  it.each<[string, string, () => string]>([
    ['malformed_token', 'is no JWT', () => 'x'],
    ['unknown_issuer', 'has a foreign issuer', () => signed({ iss: 'https://evil.test' })],
    ['unknown_issuer', 'has no issuer', () => signed({ iss: undefined })],
    ['algorithm_not_allowed', 'is signed by another algorithm', () => signed({}, { alg: 'RS256' })],
    ['expired', 'expired', () => signed({ exp: NOW })],
    ['wrong_audience', 'is for another API', () => signed({ aud: 'https://other.test' })],
  ])('is refused at once as %s where it %s, and no key is looked up', (reason, _name, make) => {
    expect(judgeWith().verify(make())).toMatchObject({ status: 401, reason })
    expect(issuer.lookUps).toEqual([])
  })

  it('is refused with the reason why its issuer is foreign', () => {
    expect(judgeWith().verify(signed({ iss: 'https://evil.test' }))).toMatchObject({
      code: 'invalid_token',
      detail: 'https://evil.test is not trusted',
    })
  })

  it('is refused at once where its issuer has no such key', async () => {
    issuer.keys = []
    expect(await judgeWith().judge()).toMatchObject({ status: 401, reason: 'unknown_key' })
  })

  it('is refused where its key is looked up at once, and is none', () => {
    const keys = { ...issuer.policy.keys, find: (): readonly VerificationKey[] => [] }
    expect(judgeUnder({ keys }).verify()).toMatchObject({ status: 401, reason: 'unknown_key' })
  })

  it('is no fault of its sender where its issuer cannot be found', async () => {
    const outage = new AuthError('temporarily_unavailable', { reason: 'issuer_unresolved' })
    expect(await judgeBy({ find: async () => outage }).judge()).toBe(outage)
  })

  it('passes where its issuer is found later', async () => {
    const { judge } = judgeBy({ find: async () => issuer.policy })
    expect(await judge()).toMatchObject({ auth: { issuer: ISSUER } })
  })

  it('is refused where it expired while its key was looked up', async () => {
    issuer.meanwhile = () => (now = NOW + 300)
    expect(await judgeWith().judge()).toMatchObject({ status: 401, reason: 'expired' })
  })

  it('is refused, and not remembered, where a claim has a type that it must not have', async () => {
    const odd = signed({ scope: 7 })
    const { judge, recall } = judgeWith()
    expect(await judge(odd)).toMatchObject({ status: 401, reason: 'malformed_claim' })
    expect(recall(odd)).toBeUndefined()
  })

  it('tells who sent it, since when, and whether they failed too often', async () => {
    const find = jest.spyOn(issuer.registry, 'find')
    const sender = senderOf('192.0.2.0/24', 5000)
    const { judge } = judgeWith()
    await judge(token, { sender, throttled: true })
    expect(find).toHaveBeenLastCalledWith(ISSUER, true, sender, 'ES256')
    expect(issuer.lookUps).toEqual([['key-1', true, 5000]])
  })
})

describe('a token that was verified before', () => {
  it('is recalled at once with the same meaning, and no key is looked up', async () => {
    const { judge, recall } = judgeWith()
    const { auth } = await judge()
    expect(recall()).toMatchObject({ auth })
    expect((recall() as VerifiedToken).auth).toBe(auth)
    expect(issuer.lookUps).toHaveLength(1)
  })

  it('is verified anew where nothing is to be remembered', async () => {
    const { judge, recall } = judgeWith({ verifiedTokens: undefined })
    await judge()
    expect(recall()).toBeUndefined()
    expect(await judge()).toHaveProperty('auth')
    expect(issuer.lookUps).toHaveLength(2)
  })

  it('is recalled by the whole text that it came in, so that it lends a forged one nothing', async () => {
    const { judge, recall } = judgeWith()
    await judge()
    const [header, , signature] = token.split('.')
    const raised = `${header}.${encode(claimsWith({ sub: 'admin' }))}.${signature}`
    expect(recall(raised)).toBeUndefined()
    expect(await judge(raised)).toMatchObject({ reason: 'bad_signature' })
  })

  it('is refused from the second of its "exp" on', async () => {
    const { judge, recall } = judgeWith()
    await judge()
    now = NOW + 299
    expect(recall()).toHaveProperty('auth')
    now = NOW + 300
    expect(recall()).toMatchObject({ status: 401, reason: 'expired' })
  })

  it('counts no more once its key is withdrawn, nor if that key comes back', async () => {
    const { judge, recall } = judgeWith()
    await judge()
    const { keys } = issuer
    issuer.keys = []
    expect(recall()).toBeUndefined()
    expect(await judge()).toMatchObject({ reason: 'unknown_key' })
    issuer.keys = keys
    expect(recall()).toBeUndefined()
    expect(await judge()).toHaveProperty('auth')
  })

  it('is refused as soon as its issuer is not taken any more', async () => {
    let taken = true
    const confirm = jest.fn(() => taken)
    const { judge, recall } = judgeBy({ confirm })
    expect(await judge()).toHaveProperty('auth')
    expect(recall()).toHaveProperty('auth')
    taken = false
    expect(recall()).toMatchObject({ reason: 'unknown_issuer', detail: `${ISSUER} is not trusted` })
    expect(confirm.mock.calls).toEqual([[ISSUER], [ISSUER], [ISSUER]])
  })
})

describe('the app’s own rule', () => {
  const validate = jest.fn<(auth: unknown) => unknown>()
  beforeEach(() => {
    validate.mockReset()
  })

  it('is asked on each request, first or later', async () => {
    const { judge, recall } = judgeUnder({ validate })
    const { auth } = await judge()
    expect(await recall()).toMatchObject({ auth })
    validate.mockReturnValue(false)
    expect(await recall()).toMatchObject({ status: 401, reason: 'refused_by_validate' })
    expect(validate.mock.calls).toEqual([[auth], [auth], [auth]])
  })

  it('is not asked of a token that is untimely by then', async () => {
    const { judge, recall } = judgeUnder({ validate })
    await judge()
    now = NOW + 300
    expect(await recall()).toMatchObject({ reason: 'expired' })
    expect(validate).toHaveBeenCalledTimes(1)
  })

  it('is left to a caller who asks it later', async () => {
    validate.mockReturnValue(false)
    expect(await judgeUnder({ validate }, { asksApp: false }).judge()).toHaveProperty('auth')
    expect(validate).not.toHaveBeenCalled()
  })
})

describe('a token that needs a proof', () => {
  const need = { kind: 'dpop' } as never
  const needOf = jest.fn<Possession['needOf']>(() => need)
  const judgeProof = jest.fn<Possession['judge']>()
  const possession = { needOf, judge: judgeProof }
  const unproven = new AuthError('invalid_token', { reason: 'malformed_proof' })

  beforeEach(() => {
    judgeProof.mockReset()
    judgeProof.mockReturnValue({ nonce: 'next' })
  })

  it('needs what its claims and the scheme of the request say', async () => {
    await judgeWith({ possession }).judge(token, { scheme: 'DPoP' })
    expect(needOf).toHaveBeenLastCalledWith(expect.objectContaining({ jti: 'token-1' }), 'DPoP')
  })

  it('is proven on each request, though its signature is checked once', async () => {
    const { judge, recall } = judgeWith({ possession })
    const sender = senderOf('one')
    expect(await judge(token, { sender })).toMatchObject({ nonce: 'next' })
    expect(judgeProof.mock.calls).toEqual([[need, { token, transport: 'header', sender }]])
    // It alone says nothing: a thief would be let in by what its owner has proven.
    expect(recall()).toBeUndefined()
    judgeProof.mockReturnValue(unproven)
    expect(await judge()).toBe(unproven)
    expect(issuer.lookUps).toHaveLength(1)
  })

  it('uses up no proof where it is refused for something else', async () => {
    const { judge } = judgeWith({ possession })
    await judge()
    now = NOW + 300
    expect(await judge()).toMatchObject({ reason: 'expired' })
    expect(judgeProof).toHaveBeenCalledTimes(1)
  })

  it('can be judged again for a stream, without another proof', async () => {
    const proven = (await judgeWith({ possession }).judge()) as VerifiedToken
    expect(await proven.again!()).toMatchObject({ auth: proven.auth })
    now = NOW + 300
    expect(await proven.again!()).toMatchObject({ reason: 'expired' })
    expect(judgeProof).toHaveBeenCalledTimes(1)
  })
})

describe('the same new token in several requests at once', () => {
  it('is verified once, and each request is judged by itself', async () => {
    const validate = jest.fn()
    const { judge } = judgeUnder({ validate }, { verifiedTokens: undefined })
    const verdicts = await Promise.all([judge(), judge(), judge()])
    expect(verdicts.map(({ auth }) => auth?.subject)).toEqual(['user-1', 'user-1', 'user-1'])
    expect(issuer.lookUps).toHaveLength(1)
    expect(validate).toHaveBeenCalledTimes(3)
  })

  it('is verified for a throttled sender apart, whose refusal is nobody else’s', async () => {
    const tooMany = new AuthError('too_many_requests', { reason: 'rate_limited' })
    const find: IssuerRegistry['find'] = async (_name, throttled) =>
      throttled ? tooMany : issuer.policy
    const { judge } = judgeBy({ find })
    const [first, second, third] = await Promise.all([
      judge(token, { throttled: true }),
      judge(token, { throttled: false }),
      judge(token, { throttled: true }),
    ])
    expect([first, third]).toEqual([tooMany, tooMany])
    expect(second).toHaveProperty('auth')
  })

  it('is work for all its senders: one who waits keeps it alive for one who left', async () => {
    const find = jest.spyOn(issuer.registry, 'find')
    const [gone, waiting] = [senderOf('one'), senderOf('two')]
    const { judge } = judgeWith()
    const judging = [judge(token, { sender: gone }), judge(token, { sender: waiting })]
    const shared = find.mock.calls[0]![2]!
    gone.gone = true
    expect(shared.gone).toBe(false)
    waiting.gone = true
    expect(shared.gone).toBe(true)
    await Promise.all(judging)
  })
})

function signed(claims: Readonly<Record<string, unknown>>, header = {}): string {
  return forge({ ...HEADER, ...header }, claimsWith(claims), key)
}
