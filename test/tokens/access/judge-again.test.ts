import { afterEach, describe, expect, it } from '@jest/globals'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { IssuerOptions } from '../../../lib/index.js'
import type { VerifiedToken } from '../../../lib/tokens/access/entries.js'
import { createJwtVerifier } from '../../../lib/tokens/access/verifier.js'
import { createIssuers } from '../../../lib/tokens/issuers/create.js'
import { NO_PROOFS, type Possession } from '../../../lib/tokens/proof/binding/possession.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { manualTimer } from '../../support/manual-timer.js'

const start = 1_800_000_000
let now = start
const issuer = createTestIssuer()
const clock = (): number => now
const emit = (): void => undefined
const closing: (() => void)[] = []

afterEach(() => {
  now = start
  for (const close of closing.splice(0)) close()
})

/** Takes any proof, once. */
const PROVEN: Possession = {
  needOf: () => ({ kind: 'dpop', thumbprint: 't' }) as never,
  judge: () => ({ nonce: 'next' }),
}

async function letIn(possession: Possession): Promise<VerifiedToken> {
  const trusted = { ...issuer.options, clockToleranceSeconds: 0 }
  const check = optionCheck('requireBearer')
  const issuers = createIssuers(trusted, { check, timer: manualTimer(), emit })
  closing.push(() => issuers.close())
  const verifier = createJwtVerifier({ issuers, clock, possession, verifiedTokens: undefined })
  const token = issuer.token({ exp: start + 60, iat: start })
  const verdict = await verifier.verify({ token, transport: 'header' }, `Bearer ${token}`)
  expect(verdict).not.toBeInstanceOf(Error)
  return verdict as VerifiedToken
}

describe.each([
  ['that needs no proof', NO_PROOFS],
  ['whose proof was given at the begin', PROVEN],
])('the token of a stream, %s', (_kind, possession) => {
  it('is good for as long as nothing has changed', async () => {
    const token = await letIn(possession)
    expect(await token.again!()).toMatchObject({ auth: token.auth })
  })

  it('is refused once it expired', async () => {
    const token = await letIn(possession)
    now = start + 60
    expect(await token.again!()).toMatchObject({ status: 401, reason: 'expired' })
  })

  it('is unknown once its guard was closed', async () => {
    const token = await letIn(possession)
    for (const close of closing) close()
    expect(await token.again!()).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  })
})

describe('the token of a stream whose issuer was resolved, and is not taken any more', () => {
  it('is refused: its issuer is unknown', async () => {
    let allowed = true
    const resolve = async (): Promise<IssuerOptions> => issuer.options
    const trusted = { issuers: { allow: () => allowed, resolve } }
    const issuers = createIssuers(trusted, {
      check: optionCheck('test'),
      timer: manualTimer(),
      emit,
    })
    closing.push(() => issuers.close())
    const verifier = createJwtVerifier({
      issuers,
      clock,
      possession: NO_PROOFS,
      verifiedTokens: undefined,
    })
    const token = issuer.token({ exp: start + 60, iat: start })
    const verdict = await verifier.verify({ token, transport: 'header' }, `Bearer ${token}`)
    expect(await (verdict as VerifiedToken).again!()).toMatchObject({ auth: {} })
    allowed = false
    expect(await (verdict as VerifiedToken).again!()).toMatchObject({ reason: 'unknown_issuer' })
  })
})

describe('the token of a stream whose issuer was resolved, and whose rules have changed', () => {
  it.each([
    ['Bearer', 'Bearer'],
    ['DPoP', 'DPoP'],
    ['dpop', 'DPoP'],
  ])('is judged anew as it came, by %s', async (spelt, scheme) => {
    const schemes: unknown[] = []
    const possession: Possession = {
      ...PROVEN,
      needOf(_claims, asked) {
        schemes.push(asked)
        return undefined
      },
    }
    const timer = manualTimer()
    let audience: string | string[] = issuer.audience
    const resolve = async (): Promise<IssuerOptions> => ({ ...issuer.options, audience })
    const trusted = { issuers: { allow: () => true, resolve } }
    const issuers = createIssuers(trusted, { check: optionCheck('test'), timer, emit })
    closing.push(() => issuers.close())
    const verifier = createJwtVerifier({ issuers, clock, possession, verifiedTokens: undefined })
    const token = issuer.token({ exp: start + 60, iat: start })
    const presented = { token, scheme: scheme as 'DPoP', transport: 'header' as const }
    const verdict = (await verifier.verify(presented, `${spelt}  ${token}`)) as VerifiedToken
    audience = [issuer.audience, 'another']
    await timer.advance(300_000)
    const again = (await verdict.again!()) as VerifiedToken
    expect(again.auth).not.toBe(verdict.auth)
    expect(again.auth.tokenId).toBe(verdict.auth.tokenId)
    expect(schemes).toEqual([scheme, scheme])
    // From then on nothing is new.
    expect(await again.again!()).toBe(again)
  })
})
