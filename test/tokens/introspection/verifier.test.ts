import { beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError, invalidToken } from '../../../lib/core/verdicts/errors.js'
import type { VerifiedToken } from '../../../lib/tokens/access/entries.js'
import { toAuth } from '../../../lib/tokens/access/to-auth.js'
import type { JwtVerifier } from '../../../lib/tokens/access/verifier.js'
import type { Introspector } from '../../../lib/tokens/introspection/introspector.js'
import { ActiveEntry } from '../../../lib/tokens/introspection/judging/entries.js'
import {
  createIntrospectingVerifier,
  type IntrospectingSetup,
} from '../../../lib/tokens/introspection/verifier.js'
import type { IssuerPolicy } from '../../../lib/tokens/issuers/policy/policy.js'
import type { IssuerRegistry } from '../../../lib/tokens/issuers/registry/registry.js'
import type { ProofNeed } from '../../../lib/tokens/proof/binding/possession.js'
import { encode } from '../../support/forge.js'
import { claimsWith, ISSUER, NOW, policyOf, taken } from '../../support/policy.js'

const OTHER = 'https://other.test'
const JWT = `${encode({ alg: 'ES256' })}.e30.AA`
const NEED: ProofNeed = { keyThumbprint: 'k', certificateThumbprint: undefined }

/** What was asked, in its order. */
let asked: string[]
let now: number
let policy: IssuerPolicy
let by: IssuerPolicy | undefined
let admitted: boolean | undefined
/** What is known of opaque tokens and of JWTs. */
let known: Map<boolean, ActiveEntry | AuthError>
let verified: VerifiedToken | AuthError
let recalled: VerifiedToken | AuthError | Promise<VerifiedToken | AuthError> | undefined

beforeEach(() => {
  asked = []
  now = NOW
  policy = policyOf()
  by = policy
  admitted = undefined
  known = new Map()
  verified = { auth: entry().auth, policy }
  recalled = undefined
})

function entry({
  need,
  ofJwt = false,
  rules = policy,
  iss = ISSUER,
}: { need?: ProofNeed; ofJwt?: boolean; rules?: IssuerPolicy; iss?: string } = {}): ActiveEntry {
  const claims = claimsWith({ iss })
  const meaning = taken(toAuth({ claims, payload: '{}', signingInput: '' }, rules, 'header'))
  const facts = {
    credentialText: '',
    policy: rules,
    key: undefined,
    ofJwt,
    staleAt: 1,
    need,
    isOfRevoked: false,
    judgeAgain: (again: ActiveEntry) => again,
  }
  return new ActiveEntry(facts, meaning)
}

function verifier(setup: Partial<IntrospectingSetup> = {}): JwtVerifier {
  const jwt: JwtVerifier = {
    recall: (text) => {
      asked.push(`recall ${text}`)
      return recalled
    },
    verify: (_credential, text) => {
      asked.push(`verify ${text}`)
      return verified
    },
  }
  const introspector: Introspector = {
    recall: (_text, ofJwt) => known.get(ofJwt),
    ask: (_credential, text, rules, _sender, token) => {
      asked.push(`ask ${text}${token === undefined ? '' : ' as a JWT'}`)
      return entry({ ofJwt: token !== undefined, rules })
    },
    close: () => undefined,
  }
  const issuers = {
    find: (name: string) => {
      asked.push(`find ${name}`)
      return by
    },
    known: () => by,
    ...(admitted !== undefined && { confirm: () => admitted }),
    decryptionKeys: [],
    explain: () => 'nobody we know',
  } as unknown as IssuerRegistry
  return createIntrospectingVerifier({
    jwt,
    introspector,
    issuers,
    issuer: ISSUER,
    all: false,
    clock: () => now,
    possession: {
      needOf: () => undefined,
      judge: () => {
        asked.push('prove')
        return { nonce: 'fresh' }
      },
    },
    ...setup,
  })
}

const verify = async (
  token: string,
  setup: Partial<IntrospectingSetup> = {},
  more: object = {},
): Promise<unknown> =>
  verifier(setup).verify({ token, transport: 'header', ...more }, `BEARER  ${token}`)

describe('an opaque token', () => {
  it.each<[string, object, string]>([
    ['by its usual spelling', {}, 'ask Bearer opaque'],
    ['by its scheme', { scheme: 'DPoP' }, 'ask DPoP opaque'],
    ['by a text that no header has', { transport: 'cookie' }, 'ask \nopaque'],
  ])('is asked about %s', async (_how, more, expected) => {
    await verify('opaque', {}, more)
    expect(asked).toEqual([`find ${ISSUER}`, expected])
  })

  it('that no issuer makes costs nothing', async () => {
    expect(await verify('a b')).toMatchObject({ reason: 'malformed_token' })
    expect(asked).toEqual([])
  })

  it('is refused where its issuer is not trusted any more', async () => {
    by = undefined
    expect(await verify('opaque')).toMatchObject({
      reason: 'unknown_issuer',
      detail: 'nobody we know',
    })
  })

  it('is not asked about again while the answer stands', async () => {
    known.set(false, entry())
    expect(await verify('opaque')).toBe(known.get(false))
    expect(verifier().recall('Bearer opaque')).toBe(known.get(false))
    expect(asked).toEqual([])
  })

  it('is refused while the answer is that it is inactive', async () => {
    const refusal = invalidToken('inactive_token')
    known.set(false, refusal)
    expect([await verify('opaque'), verifier().recall('Bearer opaque')]).toEqual([refusal, refusal])
    expect(asked).toEqual([])
  })

  it('is judged by time on each hit', async () => {
    known.set(false, entry())
    now = NOW + 300
    expect(verifier().recall('opaque')).toMatchObject({ reason: 'expired' })
    expect(await verify('opaque')).toMatchObject({ reason: 'expired' })
  })

  it("is judged by the app's rule on each hit", async () => {
    const validate = (): void => void asked.push('rule')
    known.set(false, entry({ rules: { ...policy, validate } }))
    by = (known.get(false) as ActiveEntry).policy
    await verifier().recall('opaque')
    await verify('opaque')
    expect(asked).toEqual(['rule', 'rule'])
  })

  it('is refused on the hit after which its issuer is not admitted', async () => {
    admitted = false
    known.set(false, entry())
    expect(verifier().recall('opaque')).toMatchObject({ reason: 'unknown_issuer' })
    by = undefined
    expect(verifier().recall('opaque')).toMatchObject({ reason: 'unknown_issuer' })
    admitted = true
    expect(verifier().recall('opaque')).toBeUndefined()
  })

  it('is asked about anew where other rules hold for its issuer by now', async () => {
    known.set(false, entry())
    by = policyOf()
    expect(verifier().recall('opaque')).toBeUndefined()
    await verify('opaque')
    expect(asked).toEqual([`find ${ISSUER}`, 'ask Bearer opaque'])
  })

  it('that must be proven is left to a look at the request, each time', async () => {
    known.set(false, entry({ need: NEED }))
    expect(verifier().recall('opaque')).toBeUndefined()
    const token = (await verify('opaque')) as VerifiedToken
    await verify('opaque')
    expect(asked).toEqual(['prove', 'prove'])
    expect(token).toMatchObject({ nonce: 'fresh', auth: { subject: 'user-1' } })
    expect(token.again!()).toBe(known.get(false))
  })

  it('is refused where its proof is', async () => {
    known.set(false, entry({ need: NEED }))
    const refusal = invalidToken('bound_token')
    const possession = { needOf: () => undefined, judge: () => refusal }
    expect(await verify('opaque', { possession })).toBe(refusal)
  })
})

describe('a JWT', () => {
  it('is verified here, and nobody is asked', async () => {
    expect(await verify(JWT)).toBe(verified)
    recalled = verified
    expect([await verify(JWT), verifier().recall(`Bearer ${JWT}`)]).toEqual([verified, verified])
    expect(asked.filter((each) => each.startsWith('ask'))).toEqual([])
  })

  it('is looked for among opaque tokens where it is none by its text', () => {
    void verifier().recall('Bearer opaque')
    expect(asked).toEqual([])
    void verifier().recall('Bearer a.b.c')
    expect(asked).toEqual(['recall Bearer a.b.c'])
  })
})

describe("a JWT, with for: 'all'", () => {
  const all = { all: true }

  it('is verified and then asked about', async () => {
    await verify(JWT, all)
    expect(asked.slice(1)).toEqual([`verify BEARER  ${JWT}`, `ask Bearer ${JWT} as a JWT`])
  })

  it('is not asked about where it does not verify', async () => {
    verified = invalidToken('bad_signature')
    expect(await verify(JWT, all)).toBe(verified)
    expect(asked.filter((each) => each.startsWith('ask'))).toEqual([])
  })

  it('is not asked about while the answer by the same rules stands', async () => {
    known.set(true, entry({ ofJwt: true }))
    expect(await verify(JWT, all)).toBe(known.get(true))
    known.set(true, entry({ ofJwt: true, rules: policyOf() }))
    expect(await verify(JWT, all)).not.toBe(known.get(true))
    known.set(true, invalidToken('inactive_token'))
    expect(await verify(JWT, all)).toBe(known.get(true))
  })

  it('passes in the tick where signature and answer are known', () => {
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBeUndefined()
    recalled = { auth: entry().auth, policy }
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBeUndefined()
    known.set(true, entry({ ofJwt: true }))
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBe(known.get(true))
    recalled = { auth: entry().auth, policy: policyOf() }
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBeUndefined()
    recalled = Promise.resolve(recalled)
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBeUndefined()
    const refusal = invalidToken('expired')
    recalled = refusal
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBe(refusal)
  })

  it('is not refused for its issuer again, by which it was verified', () => {
    admitted = false
    recalled = { auth: entry().auth, policy }
    known.set(true, entry({ ofJwt: true }))
    expect(verifier(all).recall(`Bearer ${JWT}`)).toBe(known.get(true))
  })

  it('leaves opaque tokens as they are', () => {
    known.set(false, entry())
    expect(verifier(all).recall('Bearer opaque')).toBe(known.get(false))
    expect(asked).toEqual([])
    expect(verifier(all).recall('Bearer a.b')).toBe(known.get(false))
  })

  it('is refused where nobody says by whose rules it verified', async () => {
    const { auth } = entry()
    verified = { auth }
    expect(await verify(JWT, all)).toMatchObject({ reason: 'unknown_issuer' })
  })

  it("of another issuer is judged by that one's rule and by its proof, and nobody is asked", async () => {
    const validate = (): void => void asked.push('rule')
    const rules = { ...policyOf({ issuer: OTHER }), validate }
    const { auth } = entry({ iss: OTHER, rules })
    verified = { auth, policy: rules, again: () => verified }
    const possession = {
      needOf: () => NEED,
      judge: () => {
        asked.push('prove')
        return {}
      },
    }
    const token = (await verify(JWT, { all: true, possession })) as VerifiedToken
    expect(asked.slice(2)).toEqual(['rule', 'prove'])
    expect(token.auth).toBe(auth)
    expect(token.again!()).toBe(verified)
    verified = { auth, policy: policyOf({ issuer: OTHER }) }
    const bare = (await verify(JWT, { all: true, possession })) as VerifiedToken
    expect(bare.again!()).toBe(verified)
  })

  it('that is encrypted is opaque to whoever has no key', async () => {
    const sealed = `${encode({ alg: 'dir', enc: 'A128GCM' })}....`
    await verify(sealed, all)
    expect(asked).toEqual([`find ${ISSUER}`, `ask Bearer ${sealed}`])
  })
})
