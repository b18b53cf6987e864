import express, { type Express } from 'express'
import {
  authOf,
  backChannelLogout,
  csrfGuard,
  jtiBlocklist,
  logout,
  requireBearer,
  requireScope,
  securityHeaders,
  type AuthEvent,
  type RevocationStore,
} from '../../lib/index.js'
import { APP, AUDIENCE } from './provider.js'

export interface ApiOptions {
  readonly issuer: string
  readonly revocations: RevocationStore
  readonly onEvent: (event: AuthEvent) => void
}

/** The API of the demo, guarded as an API of yours would be. */
export function createApi({ issuer, revocations, onEvent }: ApiOptions): Express {
  const notes = ['Read the logs of a refused request', 'Rotate the signing key']
  const bearer = requireBearer({ issuer, audience: AUDIENCE, onEvent })

  const app = express()
  app.use(securityHeaders())
  app.use(csrfGuard({ onEvent }))

  app.post('/logout', bearer, logout(revocations))
  app.post(
    '/back-channel-logout',
    backChannelLogout(revocations, { issuer, clientId: APP.id, algorithms: ['ES256'], onEvent }),
  )
  app.use('/notes', bearer, jtiBlocklist(revocations))
  app.get('/notes', requireScope('notes:read'), (req, res) => {
    res.json({ reader: authOf(req).subject, notes })
  })
  app.post('/notes', requireScope('notes:write'), (req, res) => {
    res.status(201).json({ writer: authOf(req).subject })
  })
  return app
}
