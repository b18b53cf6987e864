import { expect, it } from '@jest/globals'
import {
  memoryRevocationStore,
  requireBearer,
  requireScope,
  jtiBlocklist,
  logout,
} from '../../lib/index.js'
import { anomalyRules, type Alert } from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import express from 'express'
import request from 'supertest'
import { serve } from '../../tools/server.js'

const issuer = createTestIssuer()

it('ordinary traffic of an app raises no alarm', async () => {
  const alerts: Alert[] = []
  const rules = anomalyRules({ onAlert: (alert) => alerts.push(alert) })
  const store = memoryRevocationStore()
  const bearer = requireBearer(issuer.options)
  const app = express().set('trust proxy', 1)
  app.use(bearer, jtiBlocklist(store))
  app.post('/logout', logout(store))
  for (const scope of ['read', 'a', 'b', 'c', 'd', 'e', 'f']) {
    app.get(`/${scope}`, requireScope(scope), (_req, res) => void res.end())
  }
  const api = await serve(app)
  const ask = async (path: string, token: string | undefined, address: string): Promise<number> => {
    const asking = path === '/logout' ? request(api.url).post(path) : request(api.url).get(path)
    if (token !== undefined) void asking.set('Authorization', `Bearer ${token}`)
    return (await asking.set('X-Forwarded-For', address)).status
  }
  try {
    for (let user = 0; user < 30; user += 1) {
      // All of one office, behind one address; some on their way home, with IPv4 and IPv6.
      const home = [`192.0.2.1`, `2001:db8:1:${user}::1`]
      const phone = [`198.51.100.${user}`, `2001:db8:2:${user}::1`]
      const token = issuer.token({ scope: 'read', sub: `user-${user}`, sid: `session-${user}` })
      const expired = issuer.expired({ scope: 'read', sub: `user-${user}` })
      for (const address of [...home, ...phone]) {
        expect(await ask('/read', token, address)).toBe(200)
        // A tab that slept over lunch, a page without login, a dashboard with much too much on it.
        expect(await ask('/read', expired, address)).toBe(401)
        expect(await ask('/read', undefined, address)).toBe(401)
        for (const scope of ['a', 'b', 'c', 'd', 'e', 'f']) {
          expect(await ask(`/${scope}`, token, address)).toBe(403)
        }
      }
      expect(await ask('/logout', token, home[0]!)).toBe(204)
      // The other tab.
      for (let n = 0; n < 3; n += 1) expect(await ask('/read', token, home[0]!)).toBe(401)
    }
  } finally {
    rules.stop()
    bearer.close()
    await api.close()
  }
  expect(alerts).toEqual([])
}, 60_000)
