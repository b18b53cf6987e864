import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { describe, expect, it } from '@jest/globals'
import { compactDecrypt, CompactEncrypt, exportJWK, generateKeyPair } from 'jose'
import { NOBODY } from '../../../lib/core/queue/sender.js'
import { parseCompact } from '../../../lib/tokens/jwt/compact.js'
import { decryptToken, importDecryptionKey } from '../../../lib/tokens/jwt/encrypted.js'
import { withCryptoSlot } from '../../../lib/tokens/jwt/crypto-concurrency.js'
import { verifySignature } from '../../../lib/tokens/jwt/signature.js'
import { forge } from '../../support/forge.js'
import { createSigningKey } from '../../../tools/issuer.js'
import { senderOf } from '../../support/senders.js'
import { verificationKeyOf } from '../../support/signature-oracle.js'
import { taken } from '../../support/policy.js'

const { privateKey: key } = generateKeyPairSync('ed25519')
const onThread = <T>(check: () => Promise<T>): Promise<unknown> =>
  withCryptoSlot({ key, sender: NOBODY, check })

const settled = (): Promise<void> => new Promise(setImmediate)

/** How many of a hundred are through when a file that was asked for after them is read. */
async function throughBefore(work: () => Promise<unknown>): Promise<number> {
  let through = 0
  const flood = Array.from({ length: 100 }, async () => {
    await work()
    through += 1
  })
  await stat('.')
  const before = through
  await Promise.all(flood)
  return before
}

/** Leaves no room for others until what it returns is called. */
function occupyBoth(): () => Promise<unknown> {
  const ends: (() => void)[] = []
  const waits = (): Promise<void> => new Promise((resolve) => ends.push(resolve))
  const busy = [onThread(waits), onThread(waits)]
  return () => {
    for (const end of ends) end()
    return Promise.all(busy)
  }
}

const forgery = (): Promise<boolean> => Promise.resolve(false)

/** The order in which checks begin that were asked for while there was no room. */
async function orderOf(
  asked: readonly (readonly [name: string, network: string, by: KeyObject])[],
): Promise<readonly string[]> {
  const release = occupyBoth()
  const order: string[] = []
  const checks = asked.map(([name, network, by]) =>
    withCryptoSlot({
      key: by,
      sender: senderOf(network, Infinity),
      check: async () => order.push(name) > 0,
    }),
  )
  await release()
  await Promise.all(checks)
  return order
}

const fails = (): Promise<never> => Promise.reject(new Error('no'))

describe('withCryptoSlot', () => {
  it('begins two at once, and each other one when one has ended', async () => {
    const begun: ((value: string) => void)[] = []
    const work = (): Promise<string> => new Promise((resolve) => begun.push(resolve))
    const told = Promise.all([1, 2, 3, 4].map(() => onThread(work)))
    const counts = [begun.length]
    for (const [index, value] of ['a', 'b', 'c', 'd'].entries()) {
      begun[index]!(value)
      await settled()
      counts.push(begun.length)
    }
    expect(counts).toEqual([2, 3, 4, 4, 4])
    expect(await told).toEqual(['a', 'b', 'c', 'd'])
  })

  it('rejects as the work does, or as it throws, and goes on', async () => {
    const works = [
      () => Promise.reject(new Error('rejected')),
      (): Promise<never> => {
        throw new Error('thrown')
      },
      () => Promise.reject(new Error('rejected')),
      () => Promise.resolve('done'),
    ]
    const outcomes = await Promise.all(
      works.map((work) => onThread<string>(work).catch((error: unknown) => String(error))),
    )
    expect(outcomes).toEqual(['Error: rejected', 'Error: thrown', 'Error: rejected', 'done'])
    const begun: (() => void)[] = []
    const waits = (): Promise<void> => new Promise((resolve) => begun.push(resolve))
    const all = [onThread(waits), onThread(waits), onThread(waits)]
    expect(begun.length).toBe(2)
    for (const end of begun) end()
    await settled()
    for (const end of begun) end()
    await Promise.all(all)
  })
})

describe('withCryptoSlot, in a flood', () => {
  const [{ privateKey: flooded }, { privateKey: quiet }] = [
    generateKeyPairSync('ed25519'),
    generateKeyPairSync('ed25519'),
  ]

  it('serves each network in turn', async () => {
    const flood = ['f1', 'f2', 'f3'].map((name) => [name, 'flood', key] as const)
    expect(await orderOf([...flood, ['good', 'one', key]])).toEqual(['f1', 'good', 'f2', 'f3'])
  })

  it('serves those last of a network whose key has verified nothing eight times, until it does', async () => {
    const asked = [
      ['flooded', 'one', flooded],
      ['quiet', 'one', quiet],
    ] as const
    const fail = (): Promise<unknown> =>
      withCryptoSlot({ key: flooded, sender: NOBODY, check: forgery })
    for (let count = 0; count < 7; count += 1) await fail()
    // Verifies, and so begins a new count.
    expect(await orderOf(asked)).toEqual(['flooded', 'quiet'])
    const failing = withCryptoSlot({ key: flooded, sender: NOBODY, check: fails })
    await expect(failing).rejects.toThrow('no')
    for (let count = 0; count < 7; count += 1) await fail()
    expect(await orderOf(asked)).toEqual(['quiet', 'flooded'])
    expect(await orderOf(asked)).toEqual(['flooded', 'quiet'])
  })

  it('checks nothing for whoever has gone, and says that it does not know', async () => {
    const signing = await createSigningKey('key-1', 'ES384')
    const jwt = taken(parseCompact(forge({ alg: 'ES384' }, { sub: 'user-1' }, signing)))
    const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { extractable: true })
    const token = await new CompactEncrypt(Buffer.from('a.b.c'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' })
      .encrypt(publicKey)
    const keys = [importDecryptionKey(await exportJWK(privateKey))]
    const sender = senderOf('one', Infinity)
    const release = occupyBoth()
    const waits = [
      verifySignature(jwt, 'ES384', [verificationKeyOf(signing)], sender),
      decryptToken(token, keys, sender),
    ]
    sender.gone = true
    await release()
    const unavailable = { status: 503, reason: 'overloaded' }
    expect(await Promise.all(waits)).toMatchObject([unavailable, unavailable])
  })
})

describe('a flood of slow tokens', () => {
  it('leaves threads for everything else, such as files, where they are signed by ES384', async () => {
    const signing = await createSigningKey('key-1', 'ES384')
    const jwt = taken(parseCompact(forge({ alg: 'ES384' }, { sub: 'user-1' }, signing)))
    const keys = [verificationKeyOf(signing)]
    expect(await throughBefore(() => verifySignature(jwt, 'ES384', keys))).toBeLessThan(50)
  })

  it('is decrypted two at a time, in one line with signatures', async () => {
    const { privateKey, publicKey } = await generateKeyPair('ECDH-ES', { extractable: true })
    const keys = [importDecryptionKey(await exportJWK(privateKey))]
    const token = await new CompactEncrypt(Buffer.from('a.b.c'))
      .setProtectedHeader({ alg: 'ECDH-ES', enc: 'A128GCM' })
      .encrypt(publicKey)
    const release = occupyBoth()
    let decrypted = false
    const decrypting = decryptToken(token, keys).then(() => {
      decrypted = true
    })
    // Time enough for others of the kind.
    for (let other = 0; other < 10; other += 1) await compactDecrypt(token, privateKey)
    expect(decrypted).toBe(false)
    await release()
    await decrypting
    expect(decrypted).toBe(true)
  })

  it('does not wait in that line where it is encrypted by what is not allowed', async () => {
    const { privateKey } = await generateKeyPair('ECDH-ES', { extractable: true })
    const keys = [importDecryptionKey(await exportJWK(privateKey))]
    const header = Buffer.from('{"alg":"dir","enc":"A128GCM"}').toString('base64url')
    const release = occupyBoth()
    expect(await decryptToken(`${header}..AAAA.AAAA.AAAA`, keys)).toMatchObject({
      reason: 'encrypted_token',
    })
    await release()
  })
})
