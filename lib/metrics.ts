export {
  anomalyRules,
  type Alert,
  type AnomalyRulesOptions,
  type AnomalyThresholds,
} from './metrics/anomaly-rules.js'
export type { AnomalyRule } from './metrics/rules/rule.js'
export {
  health,
  type Health,
  type HealthOptions,
  type HealthPart,
  type HealthReport,
  type PartReport,
} from './metrics/health.js'
export { otelMetrics, type OtelMetricsOptions } from './metrics/otel.js'
export { pinoAudit, type AuditLogger, type PinoAuditOptions } from './metrics/pino-audit.js'
export {
  prometheusMetrics,
  type PrometheusMetric,
  type PrometheusMetricsOptions,
  type PrometheusRegister,
} from './metrics/prometheus.js'
export type { Subscription } from './metrics/subscription.js'
