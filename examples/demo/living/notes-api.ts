import { Router } from 'express'
import {
  authOf,
  csrfGuard,
  jtiBlocklist,
  logout,
  requireBearer,
  requireScope,
  type RevocationStore,
} from '../../../lib/index.js'
import type { TokenCookie } from '../../../lib/browser.js'
import { AUDIENCE } from '../provider.js'
import { timed, timedBearer, WATCHED, watchedCookie } from './watched.js'

export interface NotesApiOptions {
  readonly issuer: string
  /** The public origin. */
  readonly origin: string
  readonly revocations: RevocationStore
  readonly cookie: TokenCookie
}

/** The API of the page. `timed` and `WATCHED` only measure: an app of yours has all else. */
export function notesApi({ issuer, origin, revocations, cookie }: NotesApiOptions): Router {
  const api = Router()
  // The page shows these lines: see code.ts.
  // #region call
  const bearer = requireBearer({
    ...WATCHED,
    issuer,
    audience: AUDIENCE,
    cookie: { ...watchedCookie(cookie), origin },
    throttle: { failuresPerNetwork: 20, windowSeconds: 10 },
  })
  api.use(timed('csrf', 'no foreign page sent this', csrfGuard({ origin })))
  api.use(timedBearer(bearer))
  // #endregion
  // #region logout
  api.post('/logout', logout(revocations, { cookies: [cookie] }))
  // #endregion
  // #region denylist
  api.use(timed('denylist', 'token, session and user not revoked', jtiBlocklist(revocations)))
  // #endregion
  // #region read
  api.get('/notes', scope('notes:read'), (req, res) => {
    res.json({ reader: authOf(req).subject, notes: ['Read the reason of a refusal'] })
  })
  // #endregion
  // #region write
  api.post('/notes', scope('notes:write'), (req, res) => {
    res.status(201).json({ writer: authOf(req).subject })
  })
  // #endregion
  // #region delete
  api.delete('/notes', scope('notes:admin'), (_req, res) => void res.sendStatus(204))
  // #endregion
  return api
}

function scope(name: string): ReturnType<typeof timed> {
  return timed('scope', `grants ${name}`, requireScope(name))
}
