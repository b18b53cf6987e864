import { createDpopClient } from '../../../../tools/dpop-client.js'
import { bearer, get, type HeaderLine } from '../../http.js'
import { boundTokenForJob, tokenForJob } from '../../login.js'
import { OPAQUE_AUDIENCE } from '../../provider.js'
import { exchange, type Lever } from './lever.js'

/** A token without meaning: only the issuer knows it. */
export const opaque: Lever = async (reach) => {
  const request = { scope: 'notes:read', audience: OPAQUE_AUDIENCE }
  const token = await tokenForJob(reach.stage.provider, request)
  const ask = (title: string, value: string): ReturnType<typeof exchange> =>
    exchange(reach, title, get('/opaque/notes', bearer(value)))
  return {
    exchanges: [
      await ask('The issuer is asked, and says: active', token),
      await ask('Again: its answer is remembered for a few seconds', token),
      await ask('A made-up token', `${token.slice(0, -4)}AAAA`),
    ],
  }
}

/** A token that is bound to a key of its client: a thief has the token and not the key. */
export const dpop: Lever = async (reach) => {
  const url = `${reach.stage.origin}/dpop/notes`
  const client = await createDpopClient({ url, clock: () => Date.now() / 1000 })
  const token = await boundTokenForJob(reach.stage.provider, { scope: 'notes:read' }, client)
  const proof = await client.proof(token)
  const ask = (title: string, ...lines: readonly HeaderLine[]): ReturnType<typeof exchange> =>
    exchange(reach, title, get('/dpop/notes', ...lines))
  const authorization: HeaderLine = ['Authorization', `DPoP ${token}`]
  return {
    exchanges: [
      await ask('The client, with a proof by its key', authorization, ['DPoP', proof]),
      await ask('The same proof again', authorization, ['DPoP', proof]),
      await ask('A thief, who has the token alone', authorization),
    ],
  }
}
