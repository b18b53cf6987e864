import type { RequestHandler } from 'express'
import { optionalAuthOf } from '../../../lib/index.js'
import type { Visitor } from './login.js'

/** What the card shows: what the token says. The token itself stays out of reach of scripts. */
export function tokenCard(visitor: Visitor): RequestHandler {
  return (req, res) => {
    const auth = optionalAuthOf(req)
    if (auth === undefined || visitor.access === undefined) {
      res.sendStatus(204)
      return
    }
    const { claims, transport } = auth
    const [header = ''] = visitor.access.split('.')
    const said: unknown = JSON.parse(Buffer.from(header, 'base64url').toString())
    res.json({ header: said, claims, transport })
  }
}
