import { bearer, get, type HeaderLine } from '../../http.js'
import { subjectOf } from '../own-token.js'
import { exchange, LOG_IN_FIRST, type Lever } from './lever.js'

/** A token that was logged out, or refreshed away, comes again. */
export const replay: Lever = async (reach) => {
  const { visitor } = reach
  const token = visitor.previous ?? visitor.access
  if (token === undefined) return LOG_IN_FIRST
  const title = 'A thief sends the token that you had'
  const shown = await exchange(reach, title, get('/api/notes', bearer(token)))
  const note = 'You have not logged out yet: a copy of your token is as good as yours.'
  return { ...(shown.status === 200 ? { note } : {}), exchanges: [shown] }
}

/** Everything that was ever issued to this user, on all devices. */
export const revokeUser: Lever = async ({ stage, visitor }) => {
  const { revocations, provider } = stage
  const subject = subjectOf(visitor.access)
  if (subject === undefined) return LOG_IN_FIRST
  // #region revoke-user
  await revocations.revokeSubject({ issuer: provider.issuer, subject })
  // #endregion
  return { note: `Everything issued to ${subject} so far is revoked.`, exchanges: [] }
}

/** Which of two is the user's own? Nobody can know, so neither counts. */
export const twoCookies: Lever = async (reach) => {
  const { visitor } = reach
  if (visitor.access === undefined) return LOG_IN_FIRST
  const name = '__Host-Http-access_token'
  const cookie: HeaderLine = ['Cookie', `${name}=planted-by-somebody; ${name}=${visitor.access}`]
  const title = 'A client that lets somebody plant a second cookie'
  return { exchanges: [await exchange(reach, title, get('/api/notes', cookie))] }
}
