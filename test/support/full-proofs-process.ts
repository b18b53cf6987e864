// Run by the tests as a process of its own, whose heap nobody else uses. Prints the bytes that each used
// proof takes in the memory store, and those that a thousand keys of clients take.
import { randomBytes } from 'node:crypto'
import { setTimeout } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryReplayStore } from '../../lib/index.js'
import { ProofKeys, readProofKey } from '../../lib/tokens/proof/dpop/proof-key.js'
import { AuthError } from '../../lib/core/verdicts/errors.js'
import { createSigningKey } from '../../lib/testing/signing-key.js'
import { encode } from './forge.js'

const PROOFS = 50_000
const KEYS = 1500
const random = (): string => randomBytes(32).toString('base64url')

const store = memoryReplayStore({ maxEntries: PROOFS, maxPerKey: PROOFS })
const empty = await heapUsed()
for (let at = 0; at < PROOFS; at += 1) {
  // Each has a key of its own, which costs most.
  await store.claim({ thumbprint: random(), proofId: random(), ttlMs: 81_000 })
}
console.log(`a proof: ${Math.round(((await heapUsed()) - empty) / PROOFS)}`)

const algorithms = new Set(['ES256'])
const keys = new ProofKeys()
/** As much as a header may have, in the form that takes most memory once it is parsed. */
const filler = Array.from({ length: 270 }, () => [])
remember(0)
const before = await heapUsed()
for (let at = 1; at < KEYS; at += 1) remember(at)
console.log(`all keys: ${(await heapUsed()) - before}`)
// Both are alive until here.
keys.get('')
void store.close?.()

function remember(at: number): void {
  const { jwk } = createSigningKey('ES256', 'none')
  const header = { typ: 'dpop+jwt', alg: 'ES256', jwk, at, filler }
  const key = readProofKey(header, algorithms)
  if (key instanceof AuthError) throw key
  keys.remember(encode(header), key)
}

async function heapUsed(): Promise<number> {
  setFlagsFromString('--expose-gc')
  await setTimeout(1)
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
