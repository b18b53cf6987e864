import express from 'express'
import { Registry } from 'prom-client'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
} from '../../../lib/index.js'
import { anomalyRules, health, prometheusMetrics } from '../../../lib/metrics.js'
import { memoryFamilyStore, refreshFamilies } from '../../../lib/session.js'
import { sharedSignals } from '../../../lib/signals.js'
import { createTestIssuer } from '../../../lib/testing.js'
import { serve } from '../../../tools/server.js'

/** An API with metrics, and a day of its life in a minute. */
export interface WatchedApi {
  readonly url: string
  readonly port: number
  /** A second of ordinary traffic: logins, logouts, tokens that expired. */
  ordinary(): Promise<void>
  /** A second of a flood of forged tokens, with a token that is used again after its logout. */
  flood(): Promise<void>
  /** A second in which the keys of an issuer cannot be had. */
  outage(): Promise<void>
  close(): Promise<void>
}

export async function startWatchedApi(): Promise<WatchedApi> {
  const [issuer, down] = [createTestIssuer(), createTestIssuer()]
  await Promise.all([issuer.listen(), down.listen()])
  await down.outage('refused')
  const bearer = requireBearer(issuer.options)
  const outOfOrder = requireBearer(down.options)
  const revocations = memoryRevocationStore()
  const register = new Registry()
  const transmitter = issuer.transmitter()
  const signals = sharedSignals(revocations, transmitter.options)
  const families = refreshFamilies(memoryFamilyStore(), {
    issuer: issuer.issuer,
    secrets: ['a secret of the dashboard, 32 bytes'],
    revocations,
    graceSeconds: 0,
  })
  const subscriptions = [
    prometheusMetrics(register, { health: health({ bearer, revocations }) }),
    anomalyRules({ thresholds: { bruteForce: 20 } }),
  ]
  await bearer.ready()

  const app = express()
  app.get('/metrics', async (_req, res) => {
    res.type(register.contentType).send(await register.metrics())
  })
  app.post('/signals', signals)
  app.get('/out', outOfOrder, (_req, res) => void res.end())
  app.use(bearer, jtiBlocklist(revocations))
  app.get('/notes', requireScope('read'), (_req, res) => void res.end())
  app.post('/logout', logout(revocations))
  const api = await serve(app)
  const known = issuer.token({ scope: 'read' })

  async function ask(token: string, path = '/notes', method = 'GET'): Promise<void> {
    const headers = { authorization: `Bearer ${token}` }
    await (await fetch(api.url + path, { method, headers })).arrayBuffer()
  }

  async function stealRefreshToken(): Promise<void> {
    const sessionId = Math.random().toString(36)
    const { token } = await families.start({ subject: 'ada', clientId: 'app', sessionId })
    await families.rotate(token, { clientId: 'app' })
    // The thief.
    await families.rotate(token, { clientId: 'app' })
  }

  async function ordinary(): Promise<void> {
    for (let n = 0; n < 40; n += 1) await ask(known)
    await ask(issuer.expired())
    await ask(issuer.token({ scope: 'write' }))
    const leaving = issuer.token({ scope: 'read', sub: 'bob' })
    await ask(leaving)
    await ask(leaving, '/logout', 'POST')
  }

  return {
    url: api.url,
    port: api.port,
    ordinary,
    async flood() {
      await ordinary()
      const leaving = issuer.token({ scope: 'read', sub: 'eve' })
      await ask(leaving, '/logout', 'POST')
      await ask(leaving)
      for (let n = 0; n < 60; n += 1) await ask(issuer.wrongKey({ jti: `${n}` }))
      await stealRefreshToken()
      const subject = { format: 'iss_sub', iss: issuer.issuer, sub: 'eve' }
      await transmitter.push(
        `${api.url}/signals`,
        transmitter.securityEvent('account-disabled', { subject }),
      )
    },
    async outage() {
      await ordinary()
      for (let n = 0; n < 10; n += 1) await ask(down.token(), '/out')
    },
    async close() {
      for (const subscription of subscriptions) subscription.stop()
      for (const guard of [bearer, outOfOrder, signals]) guard.close()
      await api.close()
    },
  }
}
