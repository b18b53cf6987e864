// Figures for Prometheus, an audit log, alarms and a readiness probe.
//
//   npx tsx examples/22-metrics-and-audit.ts
//
// It starts an issuer and prints tokens. Paste these lines into a second shell, then:
//
//   curl -i 127.0.0.1:3000/readyz                                   # 200, what is needed, how it is, since when
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $READER" # 200
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer $NOBODY" # 403, scope="notes:read"
//   curl -i 127.0.0.1:3000/notes -H "Authorization: Bearer forged"  # 401, and a record in the log: no error
//   curl -i 127.0.0.1:3000/metrics                                  # 200, each verdict once
//
// docs/operate.md has rules and a dashboard over these figures, and a runbook for the alarms.
import express from 'express'
import { pino } from 'pino'
import { register } from 'prom-client'
import { jtiBlocklist, memoryRevocationStore, requireBearer, requireScope } from '../lib/index.js'
import { anomalyRules, health, pinoAudit, prometheusMetrics } from '../lib/metrics.js'
import { trustedIssuer } from './issuer.js'

const { issuer, audience } = await trustedIssuer({
  READER: { user: 'alice', scope: 'notes:read' },
  NOBODY: { user: 'bob', scope: 'profile' },
})

const bearer = requireBearer({ issuer, audience })
const revocations = memoryRevocationStore()
const ready = health({ bearer, revocations })
const logger = pino()

prometheusMetrics(register, { health: ready })
// Without a secret, the hashes of users are the same in this process alone.
pinoAudit(logger, process.env['AUDIT_SECRET'] ? { secret: process.env['AUDIT_SECRET'] } : {})
anomalyRules({
  onAlert: ({ rule, detail, network }) =>
    logger.warn({ rule, network }, `Page somebody: ${detail}`),
})

const app = express()

// In production on a port that only probes and Prometheus reach.
app.get('/readyz', ready)
app.get('/metrics', async (_req, res) => {
  res.type(register.contentType).send(await register.metrics())
})

app.use(bearer, jtiBlocklist(revocations))
app.get('/notes', requireScope('notes:read'), (_req, res) => void res.json([]))

app.listen(Number(process.env['PORT'] ?? 3000), '127.0.0.1')
