import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import express from 'express'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Registry } from 'prom-client'
import {
  jtiBlocklist,
  logout,
  memoryRevocationStore,
  requireBearer,
  requireScope,
  type BearerGuard,
} from '../../lib/index.js'
import { anomalyRules, health, prometheusMetrics, type Subscription } from '../../lib/metrics.js'
import { createTestIssuer } from '../../lib/testing.js'
import {
  hasPrometheus,
  startPrometheus,
  type PrometheusServer,
} from '../../tools/prometheus-server.js'
import { serve, type RunningServer } from '../../tools/server.js'
import { until } from '../../tools/until.js'

interface Panel {
  readonly title: string
  readonly targets: readonly { readonly expr: string }[]
}

const { panels } = JSON.parse(readFileSync('docs/operate/grafana-dashboard.json', 'utf8')) as {
  readonly panels: readonly Panel[]
}
const QUERIES = panels.flatMap(({ title, targets }) =>
  targets.map(({ expr }) => [title, expr] as const),
)

const withPrometheus = hasPrometheus() ? describe : describe.skip
const skipped = hasPrometheus() ? '' : ' (skipped: install the Debian package prometheus)'

withPrometheus(`a real Prometheus that scrapes a real app${skipped}`, () => {
  const issuer = createTestIssuer()
  const down = createTestIssuer()
  let bearer: BearerGuard
  let outOfOrder: BearerGuard
  let api: RunningServer
  let prometheus: PrometheusServer
  const subscriptions: Subscription[] = []

  beforeAll(async () => {
    await Promise.all([issuer.listen(), down.listen()])
    await down.outage('refused')
    bearer = requireBearer(issuer.options)
    outOfOrder = requireBearer(down.options)
    const revocations = memoryRevocationStore()
    const register = new Registry()
    const ready = health({ bearer, revocations })
    subscriptions.push(
      prometheusMetrics(register, { health: ready }),
      anomalyRules({ thresholds: { bruteForce: 5 } }),
    )
    await bearer.ready()
    const app = express()
    app.get('/metrics', async (_req, res) => {
      res.type(register.contentType).send(await register.metrics())
    })
    app.get('/out', outOfOrder, (_req, res) => void res.end())
    app.use(bearer, jtiBlocklist(revocations))
    app.get('/r', requireScope('read'), (_req, res) => void res.end())
    app.post('/logout', logout(revocations))
    api = await serve(app)
    prometheus = await startPrometheus(
      [`127.0.0.1:${api.port}`],
      resolve('docs/operate/prometheus-rules.yml'),
    )
  }, 60_000)
  afterAll(async () => {
    for (const subscription of subscriptions) subscription.stop()
    bearer.close()
    outOfOrder.close()
    await Promise.all([prometheus.stop(), api.close()])
  })

  const ask = (token: string, path = '/r', method = 'GET'): Promise<Response> =>
    fetch(api.url + path, { method, headers: { authorization: `Bearer ${token}` } })

  /** A bit of everything, again and again, as long as somebody looks. */
  async function traffic(): Promise<void> {
    const token = issuer.token({ scope: 'read' })
    const forged = issuer.wrongKey()
    const tokens = [token, token, forged, issuer.token({ scope: 'x' }), issuer.expired()]
    for (const each of tokens) await ask(each)
    await ask(down.token(), '/out')
    await ask(token, '/logout', 'POST')
    await ask(token)
  }

  it('loads every rule, and no rule fails', async () => {
    await traffic()
    const loaded = await until(async () => {
      const { groups } = (await prometheus.ask('rules')) as {
        groups: { rules: { name: string; health: string; lastError?: string }[] }[]
      }
      const rules = groups.flatMap((group) => group.rules)
      expect(rules.filter((rule) => rule.health !== 'ok')).toEqual([])
      return rules
    })
    expect(loaded.length).toBeGreaterThan(20)
  })

  it('is asked about every target, and gets an answer', async () => {
    await until(async () => {
      const { activeTargets } = (await prometheus.ask('targets')) as {
        activeTargets: { health: string; lastError: string }[]
      }
      expect(activeTargets).toMatchObject([{ health: 'up', lastError: '' }])
    })
  })

  it.each(QUERIES)('answers the dashboard: %s: %s', async (_title, query) => {
    const expression = query.replaceAll('$__rate_interval', '10s').replaceAll('$job', '.*')
    await until(async () => {
      await traffic()
      expect((await prometheus.query(expression)).length).toBeGreaterThan(0)
    }, 15_000)
  })

  it('counts what was sent: the figures are those of the app', async () => {
    const accepted = 'sum(ers_verdicts_total{outcome="accepted"})'
    const count = async (): Promise<number> =>
      Number((await prometheus.query(accepted))[0]?.value[1] ?? 0)
    const before = await until(async () => {
      const first = await count()
      expect(first).toBeGreaterThan(0)
      return first
    })
    const token = issuer.token({ scope: 'read' })
    for (let n = 0; n < 50; n += 1) await ask(token)
    await until(async () => expect(await count()).toBeGreaterThanOrEqual(before + 50))
  })

  it('raises the alarm in an outage that it is made for', async () => {
    const alerts = await until(async () => {
      const { alerts: all } = (await prometheus.ask('alerts')) as {
        alerts: { labels: { alertname: string } }[]
      }
      const names = all.map(({ labels }) => labels.alertname)
      expect(names).toEqual(expect.arrayContaining(['ErsKeysNotRefreshed', 'ErsAnomaly']))
      return names
    })
    // Nothing is wrong with the parts that health asks.
    expect(alerts).not.toContain('ErsNotReady')
  })
})
