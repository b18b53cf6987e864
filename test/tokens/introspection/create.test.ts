import { afterEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { IssuerOptions } from '../../../lib/index.js'
import { createIntrospection } from '../../../lib/tokens/introspection/create.js'
import type { IntrospectionOptions } from '../../../lib/tokens/introspection/asking/options.js'
import { createIssuers } from '../../../lib/tokens/issuers/create.js'
import type { Possession } from '../../../lib/tokens/proof/binding/possession.js'
import { AUDIENCE, claimsWith, ISSUER, NOW } from '../../support/policy.js'
import { manualTimer } from '../../support/manual-timer.js'
import { createHmac } from 'node:crypto'
import { encode } from '../../support/forge.js'

const secret = Buffer.alloc(32, 1)
const OTHER = 'https://other.test'
const trust = (issuer: IssuerOptions['issuer'], more: object = {}): IssuerOptions => ({
  issuer,
  audience: AUDIENCE,
  secret,
  ...more,
})
const closing: (() => void)[] = []
const emit = (): void => undefined

afterEach(() => {
  for (const close of closing.splice(0)) close()
})

type Made = ReturnType<typeof createIntrospection>

function create(
  option: Partial<IntrospectionOptions> = {},
  trusted: Parameters<typeof createIssuers>[0] = trust(ISSUER),
  possession: Possession = { needOf: () => undefined, judge: () => ({}) },
): Made {
  const check = optionCheck('requireBearer')
  const timer = manualTimer()
  const issuers = createIssuers(trusted, { check, timer, emit })
  const clientAuth = { method: 'none', authenticate: () => undefined }
  const context = { issuers, clock: () => NOW, timer, emit, possession, verifiedTokens: undefined }
  const all = { clientId: 'api-1', clientAuth, ...option }
  const made = createIntrospection(check, all, trusted, context)
  closing.push(made.close, () => issuers.close())
  return made
}

describe('the issuer that is asked', () => {
  it.each<[string, Partial<IntrospectionOptions>, Parameters<typeof createIssuers>[0]]>([
    ['is the only one', {}, trust(ISSUER)],
    ['is the only one, beside a list that is undefined', {}, trust(ISSUER, { issuers: undefined })],
    ['is the only one, of whatever spelling', {}, trust([ISSUER, OTHER])],
    ['is one by name', { issuer: OTHER }, { issuers: [trust(ISSUER), trust(OTHER)] }],
    ['is one by another of its spellings', { issuer: OTHER }, trust([ISSUER, OTHER])],
    ['is one by its group', { issuer: OTHER }, trust([[ISSUER], [OTHER]])],
    ['is the only one of a list', {}, { issuers: [trust(ISSUER)] }],
    [
      'may be one that is known later',
      { issuer: OTHER },
      { issuers: { allow: () => true, resolve: async () => undefined } },
    ],
  ])('%s', (_what, option, trusted) => {
    expect(() => create(option, trusted)).not.toThrow()
  })

  it.each<[string, Partial<IntrospectionOptions>, Parameters<typeof createIssuers>[0], string]>([
    [
      'must be named among several',
      {},
      { issuers: [trust(ISSUER), trust(OTHER)] },
      '"introspection.issuer" must name one, where there are several issuers',
    ],
    [
      'must be named beside a resolver',
      {},
      { issuers: { allow: () => true, resolve: async () => undefined } },
      '"introspection.issuer" must name one',
    ],
    ['must be trusted', { issuer: OTHER }, trust(ISSUER), '"introspection.issuer" must be one of'],
    [
      'must be trusted, beside a list that is undefined',
      { issuer: OTHER },
      trust(ISSUER, { issuers: undefined }),
      '"introspection.issuer" must be one of',
    ],
    [
      'gives no ID tokens',
      {},
      trust(ISSUER, { profile: 'id_token' }),
      '"introspection" must be left out with the profile "id_token"',
    ],
    [
      'gives no ID tokens among others',
      { issuer: ISSUER },
      { issuers: [trust(ISSUER), trust(OTHER, { profile: 'id_token' })] },
      '"introspection" must be left out with the profile "id_token"',
    ],
  ])('%s', (_what, option, trusted, message) => {
    expect(() => create(option, trusted)).toThrow(message)
  })
})

it('asks the only issuer without a name, and nobody once it is closed: 503', async () => {
  const { verifier, close } = create()
  close()
  const verdict = await verifier.verify({ token: 'opaque', transport: 'header' }, 'Bearer opaque')
  expect(verdict).toMatchObject({ status: 503, detail: 'The guard was closed' })
})

describe("with for: 'all'", () => {
  const input = `${encode({ alg: 'HS256', typ: 'at+jwt' })}.${encode(claimsWith({ iss: OTHER }))}`
  const mac = createHmac('sha256', secret).update(input).digest('base64url')
  const token = `${input}.${mac}`

  it.each(['all', 'opaque'] as const)(
    "judges a token of another issuer by the app's rule and its proof, once (%s)",
    async (kind) => {
      const asked: string[] = []
      const validate = (): void => void asked.push('rule')
      const possession: Possession = {
        needOf: () => ({ keyThumbprint: 'k', certificateThumbprint: undefined }),
        judge: () => {
          asked.push('proof')
          return {}
        },
      }
      const trusted = { issuers: [trust(ISSUER), trust(OTHER, { validate })] }
      const { verifier } = create({ issuer: ISSUER, for: kind }, trusted, possession)
      const verdict = await verifier.verify({ token, transport: 'header' }, `Bearer ${token}`)
      expect(verdict).toMatchObject({ auth: { issuer: OTHER } })
      expect(asked).toEqual(['rule', 'proof'])
    },
  )
})
