import { optionCheck } from '../../lib/core/options/option-check.js'
import type { Sender } from '../../lib/core/queue/sender.js'
import type { AuthError } from '../../lib/core/verdicts/errors.js'
import type { RequestHead } from '../../lib/http/request/request-head.js'
import type { ProofClaim } from '../../lib/replay/store.js'
import type { Proven } from '../../lib/tokens/proof/binding/possession.js'
import {
  compileDpop,
  type DpopOptions,
  type DpopPolicy,
} from '../../lib/tokens/proof/dpop/dpop-options.js'
import { createDpop } from '../../lib/tokens/proof/dpop/dpop.js'
import { createDpopClient, type DpopClient } from '../../tools/dpop-client.js'

export const ORIGIN = 'https://api.test'
export const NONCE: NonNullable<DpopOptions['nonce']> = {
  secrets: ['a secret of more than 32 bytes, for tests'],
}
export const NOW = 1_800_000_000
const clock = (): number => NOW
export const client: DpopClient = await createDpopClient({ url: `${ORIGIN}/notes`, clock })
/** Somebody else, with a key of his own. */
export const thief: DpopClient = await createDpopClient({ url: `${ORIGIN}/notes`, clock })

/** A store that always gives this answer, and what it was asked. */
export function storeOf(answer: () => unknown = () => true): {
  readonly claims: ProofClaim[]
  readonly replay: DpopOptions['replay']
} {
  const claims: ProofClaim[] = []
  const claim = (proof: ProofClaim): boolean => {
    claims.push(proof)
    return answer() as boolean
  }
  return { claims, replay: { claim } }
}

function headWith(proofs: readonly string[], changes: Partial<RequestHead> = {}): RequestHead {
  const headerLines = (name: string): readonly string[] => (name === 'dpop' ? proofs : [])
  return {
    method: 'GET',
    url: '/notes',
    header: (name) => headerLines(name)[0],
    headerLines,
    client: { address: '', gone: false },
    ...changes,
  }
}

export interface Judging extends Omit<DpopOptions, 'replay'> {
  readonly replay?: DpopOptions['replay']
  readonly origins?: readonly string[] | undefined
}

type Judge = (
  proof: string | readonly string[],
  changes?: Partial<RequestHead>,
  by?: { readonly thumbprint?: string; readonly sender?: Sender },
) => Promise<Proven | AuthError>

/** The step that judges proofs, alone: no server, no token but `token`, and a clock that stands still. */
export function judging({ origins = [ORIGIN], ...options }: Judging = {}): Judge & {
  readonly policy: DpopPolicy
} {
  const policy = compileDpop(optionCheck('requireBearer'), {
    replay: storeOf().replay,
    ...options,
  })
  // An empty list stands for an app that does not say.
  const known = origins.length === 0 ? undefined : origins
  const step = createDpop(policy, { clock, origins: known })
  const judge: Judge = (proof, changes, by = {}) =>
    step({
      token: 'token',
      head: headWith([proof].flat(), changes),
      thumbprint: client.confirmation.jkt,
      ...by,
    })
  return Object.assign(judge, { policy })
}

/** A good proof by the client, but for the changes. */
export const proof = (claims: object = {}, header: object = {}): Promise<string> =>
  client.proof('token', { claims: { ...claims }, header: { ...header } })
