export { pinoAudit, type AuditLogger, type PinoAuditOptions } from './metrics/pino-audit.js'
export {
  prometheusMetrics,
  type PrometheusMetric,
  type PrometheusRegister,
} from './metrics/prometheus.js'
export type { Subscription } from './metrics/subscription.js'
