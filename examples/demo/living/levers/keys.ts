import { bearer, get } from '../../http.js'
import { tokenForJob } from '../../login.js'
import { exchange, type Lever } from './lever.js'

/** A new key is taken with the first token that names it; with that, the old one is gone. */
export const rotate: Lever = async (reach) => {
  const { stage, visitor } = reach
  stage.provider.rotateKey()
  const fresh = await tokenForJob(stage.provider, { scope: 'notes:read' })
  const ask = (title: string, token: string): ReturnType<typeof exchange> =>
    exchange(reach, title, get('/api/notes', bearer(token)))
  const first = await ask('A token by the new key', fresh)
  if (visitor.access === undefined) return { exchanges: [first] }
  return {
    note: 'The issuer signs with a new key and has withdrawn the old one. “Refresh” gets you a token by the new one.',
    exchanges: [first, await ask('Your token, by the withdrawn key', visitor.access)],
  }
}
