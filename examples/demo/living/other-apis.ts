import { Router } from 'express'
import {
  authOf,
  clientSecretBasic,
  memoryReplayStore,
  requireBearer,
  requireScope,
} from '../../../lib/index.js'
import { AUDIENCE, JOB, OPAQUE_AUDIENCE } from '../provider.js'
import { timed } from './watched.js'

/** Two more APIs, whose tokens are of other kinds. */
export function otherApis(issuer: string, origin: string): Router {
  const apis = Router()
  // #region opaque
  const opaque = requireBearer({
    issuer,
    audience: OPAQUE_AUDIENCE,
    introspection: { clientId: JOB.id, clientAuth: clientSecretBasic(JOB.secret) },
  })
  apis.use('/opaque', timed('signature', 'the issuer says that it is active', opaque))
  // #endregion
  // #region dpop
  const dpop = requireBearer({
    issuer,
    audience: AUDIENCE,
    origin,
    dpop: { mode: 'require', replay: memoryReplayStore() },
  })
  apis.use('/dpop', timed('signature', 'token and proof are of one key', dpop))
  // #endregion
  const scope = timed('scope', 'grants notes:read', requireScope('notes:read'))
  apis.get(['/opaque/notes', '/dpop/notes'], scope, (req, res) => {
    res.json({ reader: authOf(req).clientId, notes: [] })
  })
  return apis
}
