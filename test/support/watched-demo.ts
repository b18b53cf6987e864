// Loaded in front of the demo by a test: counts what it does, and tells each alarm on a line of its own.
import { createServer } from 'node:http'
import { Registry } from 'prom-client'
import { anomalyRules, prometheusMetrics } from '../../lib/metrics.js'

const register = new Registry()
prometheusMetrics(register)
anomalyRules({ onAlert: ({ rule, detail }) => console.error(`ALARM ${rule}: ${detail}`) })
createServer((_req, res) => {
  void register.metrics().then((text) => res.end(text))
})
  .on('connection', (socket) => socket.unref())
  .listen(Number(process.env['METRICS_PORT']), '127.0.0.1')
  // The demo ends when it is done.
  .unref()
