import { createHook } from 'node:async_hooks'
import { describe, expect, it } from '@jest/globals'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { verifySignature } from '../../../lib/tokens/jwt/signature.js'
import { createSigningKey } from '../../../tools/issuer.js'
import { encode, forge } from '../../support/forge.js'
import { taken } from '../../support/policy.js'
import { senderOf } from '../../support/senders.js'
import { verificationKeyOf } from '../../support/signature-oracle.js'

/** How many signatures were handed to other threads while `work` ran, and what came of it. */
async function handedOver<T>(work: () => Promise<T>): Promise<readonly [number, T]> {
  let count = 0
  const jobs = new Set<number>()
  const hook = createHook({
    init(id, type) {
      if (type === 'SIGNREQUEST') jobs.add(id)
    },
    // Only another thread calls back.
    before(id) {
      if (jobs.has(id)) count += 1
    },
  })
  hook.enable()
  try {
    const outcome = await work()
    return [count, outcome]
  } finally {
    hook.disable()
  }
}

describe('a signature', () => {
  it.each([
    ['RS256', 0],
    ['PS512', 0],
    ['ES256', 0],
    ['EdDSA', 0],
    ['ES384', 1],
    ['ES512', 1],
  ])('by %s is verified by so many other threads: %d', async (alg, threads) => {
    const signing = await createSigningKey('key-1', alg)
    const key = verificationKeyOf(signing)
    const jwt = taken(parseCompact(forge({ alg }, { sub: 'user-1' }, signing)))
    expect(await handedOver(() => verifySignature(jwt, alg, [key]))).toEqual([
      threads,
      expect.objectContaining({ keyId: 'key-1' }),
    ])
  })

  it.each([
    [512, 0],
    [513, 1],
  ])('of %d bytes by RSA is judged by so many other threads: %d', async (bytes, threads) => {
    const signing = await createSigningKey('key-1', 'RS256')
    const signed = forge({ alg: 'RS256' }, { sub: 'user-1' }, signing)
    const signature = encode(Buffer.alloc(bytes, 1))
    const token = `${signed.slice(0, signed.lastIndexOf('.'))}.${signature}`
    const jwt = taken(parseCompact(token))
    const [count, outcome] = await handedOver(() =>
      verifySignature(jwt, 'RS256', [verificationKeyOf(signing)]),
    )
    expect([count, outcome]).toMatchObject([threads, { reason: 'bad_signature' }])
  })

  it('is not handed over for a sender who has gone while others wait', async () => {
    const signing = await createSigningKey('key-1', 'ES384')
    const jwt = taken(parseCompact(forge({ alg: 'ES384' }, { sub: 'user-1' }, signing)))
    const key = verificationKeyOf(signing)
    const gone = Object.assign(senderOf('one'), { gone: true })
    const [count, outcomes] = await handedOver(() =>
      Promise.all([
        ...Array.from({ length: 4 }, () => verifySignature(jwt, 'ES384', [key])),
        verifySignature(jwt, 'ES384', [key], gone),
      ]),
    )
    expect(count).toBe(4)
    expect(outcomes.at(-1)).toMatchObject({ code: 'temporarily_unavailable' })
  })
})
