export {
  anomalyRules,
  type Alert,
  type AnomalyRulesOptions,
  type AnomalyThresholds,
} from './metrics/anomaly-rules.js'
export type { AnomalyRule, Finding } from './metrics/rules/rule.js'
export {
  health,
  type GuardState,
  type Health,
  type HealthOptions,
  type HealthPart,
  type HealthReport,
  type PartReport,
  type StoreState,
} from './metrics/health.js'
export {
  otelMetrics,
  type OtelAttributes,
  type OtelGauge,
  type OtelMeter,
  type OtelMetricsOptions,
  type OtelResult,
  type OtelSpan,
  type OtelTracer,
} from './metrics/otel.js'
export type { AuditLevel } from './metrics/audit/owasp.js'
export { pinoAudit, type AuditLogger, type PinoAuditOptions } from './metrics/audit/pino-audit.js'
export {
  prometheusMetrics,
  type PrometheusMetric,
  type PrometheusMetricsOptions,
  type PrometheusRegister,
} from './metrics/prometheus.js'
export type { Subscription } from './metrics/listening/subscription.js'
