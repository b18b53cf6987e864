import { createDpopClient } from '../../../../tools/dpop-client.js'
import { bearer, get, type HeaderLine } from '../../http.js'
import { tokenForJob } from '../../login.js'
import { AUDIENCE, JOB, OPAQUE_AUDIENCE } from '../../provider.js'
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
  const { issuer } = reach.stage.provider
  const url = `${reach.stage.origin}/dpop/notes`
  const client = await createDpopClient({ url, clock: () => Date.now() / 1000 })
  const token = await boundToken(issuer, client)
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

async function boundToken(
  issuer: string,
  client: Awaited<ReturnType<typeof createDpopClient>>,
): Promise<string> {
  const htu = new URL('/token', issuer).href
  const response = await fetch(htu, {
    method: 'POST',
    headers: {
      dpop: await client.proof('', { claims: { htm: 'POST', htu, ath: undefined } }),
      authorization: `Basic ${Buffer.from(`${JOB.id}:${JOB.secret}`).toString('base64')}`,
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      scope: 'notes:read',
      resource: AUDIENCE,
    }),
    signal: AbortSignal.timeout(5000),
  })
  const { access_token: token } = (await response.json()) as { access_token?: string }
  if (token === undefined) throw new Error(`The issuer gave no bound token (${response.status})`)
  return token
}
