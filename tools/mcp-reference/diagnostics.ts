/* Tools that do nothing but show how a server behaves. */
import { fromJsonSchema, type McpServer, type ServerNotifier } from '@modelcontextprotocol/server'
import { says } from './schema.js'

/** Keywords of JSON Schema 2020-12 that must come to the client as they stand here. */
const KEYWORDS = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  type: 'object',
  $defs: {
    address: {
      $anchor: 'addressDef',
      type: 'object',
      properties: { street: { type: 'string' }, city: { type: 'string' } },
    },
  },
  properties: {
    name: { type: 'string' },
    address: { $ref: '#/$defs/address' },
    contactMethod: { type: 'string', enum: ['phone', 'email'] },
    phone: { type: 'string' },
    email: { type: 'string' },
  },
  allOf: [{ anyOf: [{ required: ['phone'] }, { required: ['email'] }] }],
  if: { properties: { contactMethod: { const: 'phone' } }, required: ['contactMethod'] },
  // oxlint-disable-next-line unicorn/no-thenable -- a keyword of JSON Schema
  then: { required: ['phone'] },
  else: { required: ['email'] },
  additionalProperties: false,
} as const

/** This argument comes in a header as well, which servers compare. */
const MIRRORED = {
  type: 'object',
  properties: { region: { type: 'string', 'x-mcp-header': 'Region' } },
} as const

/** @param notify Of the handler: each request of 2026-07-28 has a server of its own, which has no list to change. */
export function registerDiagnostics(server: McpServer, notify: () => ServerNotifier): void {
  server.registerTool(
    'json_schema_2020_12_tool',
    { description: 'keywords', inputSchema: fromJsonSchema<object>(KEYWORDS) },
    (given) => says(JSON.stringify(given)),
  )
  server.registerTool(
    'test_x_mcp_header',
    { description: 'mirrors', inputSchema: fromJsonSchema<{ region?: string }>(MIRRORED) },
    ({ region }) => says(`region=${region ?? ''}`),
  )
  server.registerTool('test_streaming_elicitation', { description: 'streaming elicitation' }, () =>
    says('no request on the stream'),
  )
  server.registerTool('test_logging_tool', { description: 'logging tool' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'for those that asked for a level')
    return says('logged')
  })
  server.registerTool('test_trigger_tool_change', { description: 'trigger tool change' }, () => {
    notify().toolsChanged()
    return says('told')
  })
  server.registerTool(
    'test_trigger_prompt_change',
    { description: 'trigger prompt change' },
    () => {
      notify().promptsChanged()
      return says('told')
    },
  )
  server.registerTool('test_reconnection', { description: 'reconnection' }, async ({ http }) => {
    http?.closeSSE?.()
    await new Promise((resolve) => setTimeout(resolve, 100))
    return says('the answer comes on another stream')
  })
}
