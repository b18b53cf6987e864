export type { McpAuth } from './mcp/auth-info.js'
export { mcpBearerAuth, type TokenVerifying } from './mcp/mcp-bearer-auth.js'
export { mcpScopes, type McpScopeChallenge } from './mcp/mcp-scopes.js'
export {
  mcpVerifier,
  type McpVerifier,
  type McpVerifierExtras,
  type McpVerifierOptions,
} from './mcp/mcp-verifier.js'
export type { McpKind, McpOperation } from './mcp/message/operations.js'
export type { McpIssuer, McpMetadataOptions, McpOptions, ProtectMcpOptions } from './mcp/options.js'
export { protectMcp, type McpProtection } from './mcp/protect-mcp.js'
export type { McpRuleOptions, McpScopeRules } from './mcp/scope-rules.js'
export type { CallerScopes } from './mcp/visible.js'
