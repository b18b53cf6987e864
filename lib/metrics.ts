export {
  anomalyRules,
  type Alert,
  type AnomalyRulesOptions,
  type AnomalyThresholds,
} from './metrics/anomaly-rules.js'
export type { AnomalyRule } from './metrics/rules/rule.js'
export { pinoAudit, type AuditLogger, type PinoAuditOptions } from './metrics/pino-audit.js'
export {
  prometheusMetrics,
  type PrometheusMetric,
  type PrometheusRegister,
} from './metrics/prometheus.js'
export type { Subscription } from './metrics/subscription.js'
