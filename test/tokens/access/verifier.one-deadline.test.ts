import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import type { VerificationKey } from '../../../lib/keys/jwk/verification-key.js'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { verifyByIssuer } from '../../../lib/tokens/issuers/verify-signature.js'
import { resolvedIssuers } from '../../../lib/tokens/issuers/registry/resolved.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { forge } from '../../support/forge.js'
import { createSigningKey, type SigningKey } from '../../../tools/issuer.js'
import { manageKeys, type ManagedKeys } from '../../support/managed-keys.js'
import { manualTimer } from '../../support/manual-timer.js'
import { claimsWith, ISSUER, policyOf, taken } from '../../support/policy.js'
import { senderOf } from '../../support/senders.js'

let keys: ManagedKeys

beforeEach(async () => {
  keys = await manageKeys()
  keys.issuer.held = true
})

afterEach(() => keys.manager.close())

/** What a promise has come to. */
function watched(promise: Promise<unknown>): () => unknown {
  let outcome: unknown = 'waiting'
  promise.then(
    (value) => (outcome = value),
    (error: unknown) => (outcome = error instanceof Error ? error.name : error),
  )
  return () => outcome
}

describe('the one deadline of a request', () => {
  it.each([
    ['the first keys', undefined],
    ['a kid', 'a'],
  ])('leaves for %s what is left of 2.5 seconds', async (_name, keyId) => {
    const since = keys.timer.now()
    await keys.timer.advance(2300)
    const outcome = watched(Promise.resolve(keys.manager.find(keyId, false, since)))
    await keys.timer.advance(199)
    expect(outcome()).toBe('waiting')
    await keys.timer.advance(1)
    expect(outcome()).toBe('KeysUnavailable')
    // Work that was begun goes on, for those who come later.
    keys.issuer.release()
    await keys.timer.advance(0)
    expect(await keys.found('a')).toBe(1)
  })

  it.each([
    ['for an unknown kid', (since: number) => keys.manager.find('b', false, since)],
    [
      'for keys that have come since',
      (since: number) => keys.manager.refetch(() => true, false, since),
    ],
  ])('leaves for a refetch %s what is left', async (_name, find) => {
    keys.issuer.release()
    await keys.manager.ready()
    keys.issuer.held = true
    const since = keys.timer.now()
    await keys.timer.advance(2300)
    const outcome = watched(Promise.resolve(find(since)))
    await keys.timer.advance(200)
    expect(outcome()).toBe('KeysUnavailable')
  })

  it('is one for the first fetch and the refetch of a forged token without "kid"', async () => {
    const forger: SigningKey = await createSigningKey('any', 'ES256')
    const jwt = taken(parseCompact(forge({ alg: 'ES256' }, claimsWith(), forger)))
    const policy = {
      ...policyOf({ algorithms: ['ES256'], jwks: { keys: [forger.jwk] } }),
      keys: keys.manager,
    }
    const sender = senderOf('one', keys.timer.now())
    const verifying = verifyByIssuer(
      jwt,
      { algorithm: 'ES256', keyId: undefined, type: undefined },
      policy,
      ISSUER,
      false,
      sender,
    )
    let outcome: VerificationKey | AuthError | undefined
    void Promise.resolve(verifying).then((verdict) => (outcome = verdict))
    await keys.timer.advance(2300)
    keys.issuer.release()
    keys.issuer.held = true
    await keys.timer.advance(199)
    expect([keys.issuer.fetches, outcome]).toEqual([2, undefined])
    await keys.timer.advance(1)
    expect(outcome).toMatchObject({ status: 503, reason: 'keys_unavailable' })
  })

  it('is one for resolve() and for the keys of what it resolves', async () => {
    const timer = manualTimer()
    const silent = createTestIssuer()
    await silent.listen()
    await silent.outage('hang')
    const options = { issuer: ISSUER, audience: 'a', jwksUri: `${silent.issuer}/jwks` }
    const issuers = resolvedIssuers(
      {
        allow: () => true,
        resolve: () => new Promise((resolve) => timer.after(2300, () => resolve(options))),
      },
      { check: optionCheck('requireBearer'), timer, emit() {} },
    )
    const sender = senderOf('one', timer.now())
    const finding = Promise.resolve(issuers.find(ISSUER, false, sender))
    await timer.advance(2300)
    const policy = await finding
    const outcome = watched(Promise.resolve(taken(policy)!.keys.find('a', false, sender.arrivedAt)))
    await timer.advance(199)
    expect(outcome()).toBe('waiting')
    await timer.advance(1)
    expect(outcome()).toBe('KeysUnavailable')
    issuers.close()
  })

  it('leaves a short "timeoutMs" to the keys, whatever was waited for before', async () => {
    keys.manager.close()
    keys = await manageKeys({ timeoutMs: 500 })
    keys.issuer.answer = 'silence'
    const since = keys.timer.now()
    await keys.timer.advance(1500)
    const outcome = watched(Promise.resolve(keys.manager.find('a', false, since)))
    await keys.timer.advance(499)
    expect(outcome()).toBe('waiting')
    await keys.timer.advance(1)
    expect(outcome()).toBe('KeysUnavailable')
  })

  it('is as long as "timeoutMs" where that is longer: somebody wants to wait', async () => {
    keys.manager.close()
    keys = await manageKeys({ timeoutMs: 10_000 })
    keys.issuer.held = true
    const outcome = watched(Promise.resolve(keys.manager.find('a', false, keys.timer.now())))
    await keys.timer.advance(9000)
    keys.issuer.release()
    await keys.timer.advance(0)
    expect(outcome()).toHaveLength(1)
  })
})
