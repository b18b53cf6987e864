import type { Sender } from '../../../core/queue/sender.js'
import type { AuthError } from '../../../core/verdicts/errors.js'
import { withCryptoSlot } from '../../jwt/crypto-concurrency.js'
import type { ProofKey } from './proof-key.js'

type Jose = typeof import('jose/jws/compact/verify')

let loading: Promise<Jose> | undefined
let loaded: Jose | undefined

/** Not exported: jose's types must stay out of our declarations, which CommonJS cannot import them in. */
async function load(): Promise<Jose> {
  loading ??= import('jose/jws/compact/verify')
  loaded = await loading
  return loaded
}

/** Begins to load what verifies proofs: few apps have any, so it waits until one is configured. */
export function loadProofs(): void {
  load().catch(() => undefined)
}

/** Verifies the signature of a proof. The refusal: there was no time to. */
export async function isSignedProof(
  proof: string,
  { algorithm, keyObject }: ProofKey,
  sender: Sender,
): Promise<boolean | AuthError> {
  const { compactVerify } = loaded ?? (await load())
  const check = (): Promise<boolean> =>
    compactVerify(proof, keyObject, { algorithms: [algorithm] }).then(
      () => true,
      () => false,
    )
  return withCryptoSlot({ key: keyObject, sender, check })
}
