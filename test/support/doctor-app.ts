// What `doctor --config` is shown by the tests: an app that listens as it is loaded, as many do.
import express from 'express'
import express4 from 'express4'
import {
  jtiBlocklist,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  securityHeaders,
} from '../../lib/index.js'

const issuer = 'https://id.example.com'
const audience = 'https://api.example.com'

function mounted(app: express.Express, router: express.Router): express.Express {
  app.use(securityHeaders())
  router.use(requireBearer({ issuer, audience, algorithms: ['ES256'] }))
  router.use(
    jtiBlocklist(memoryRevocationStore(), {
      onUnavailable: process.env['FAIL_OPEN'] === 'yes' ? 'dangerouslyAllow' : 'refuse',
    }),
  )
  router.get('/notes', requireScope('notes:read'), (_req, res) => res.sendStatus(204))
  return app.use('/api', router)
}

const host = process.env['EXPRESS'] === '4' ? (express4 as typeof express) : express

export const app: express.Express = mounted(host(), host.Router())

app.listen(0, '127.0.0.1')
