export { audit } from './audit/audit.js'
export type { AuditRow, AuditStatus } from './audit/rule.js'
