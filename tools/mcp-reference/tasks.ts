/* The extension for tasks (SEP-2663), which the SDK leaves to its users. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  fromJsonSchema,
  inputRequired,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type CallToolResult,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { NAME, yesOrNo } from './rounds.js'
import { says, strings } from './schema.js'
import { taskBook, type TaskRecord, type Work } from './task-book.js'

export const TASKS = 'io.modelcontextprotocol/tasks'

/** It answers in a task or not at all. */
const NEEDS_TASKS = 'failing_job'

const REQUIRED = { requiredCapabilities: { extensions: { [TASKS]: {} } } }

const tasks = taskBook()

/** The SDK takes it for a result of a tool, and so wants content. */
function begun(work: Work): CallToolResult {
  return { resultType: 'task', ...tasks.begin(work), content: [] }
}

function knowsTasks(envelope: unknown): boolean {
  const told: unknown = member(member(envelope, CLIENT_CAPABILITIES_META_KEY), 'extensions')
  return member(told, TASKS) !== undefined
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}

/** Where the client knows no tasks, the work is done at once. */
async function inTask({ mcpReq }: ServerContext, work: Work): Promise<CallToolResult> {
  if (knowsTasks(mcpReq.envelope)) return begun(work)
  return work({ signal: mcpReq.signal, ask: async () => ({}) })
}

/**
 * The error to answer this body with, which needs what its client does not know: the SDK makes each error
 * of a tool a result.
 */
export function missingTasks(body: unknown): object | undefined {
  const params = member(body, 'params')
  const isAsked = member(body, 'method') === 'tools/call' && member(params, 'name') === NEEDS_TASKS
  if (!isAsked || knowsTasks(member(params, '_meta'))) return undefined
  const { code, message, data } = new MissingRequiredClientCapabilityError(REQUIRED)
  return { jsonrpc: '2.0', id: member(body, 'id'), error: { code, message, data } }
}

function taskOf(taskId: string, { mcpReq }: ServerContext): TaskRecord {
  if (!knowsTasks(mcpReq.envelope)) throw new MissingRequiredClientCapabilityError(REQUIRED)
  const task = tasks.get(taskId)
  if (task === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'No such task')
  return task
}

export function registerTasks(server: McpServer): void {
  registerTools(server)
  const named = { params: strings('taskId') }

  server.server.setRequestHandler('tasks/get', named, ({ taskId }, ctx) => ({
    ...taskOf(taskId, ctx),
  }))
  server.server.setRequestHandler('tasks/cancel', named, ({ taskId }, ctx) => {
    tasks.cancel(taskOf(taskId, ctx).taskId)
    return {}
  })
  server.server.setRequestHandler('tasks/update', named, ({ taskId }, ctx) => {
    tasks.answer(taskOf(taskId, ctx).taskId, ctx.mcpReq.inputResponses ?? {})
    return {}
  })
}

function registerTools(server: McpServer): void {
  const description = 'runs as a task'
  const greet = { description: 'greets', inputSchema: strings('name') }
  server.registerTool('greet', greet, ({ name }) => says(`Hello, ${name}!`))

  const inputSchema = fromJsonSchema<{ seconds: number }>({
    type: 'object',
    properties: { seconds: { type: 'number' }, label: { type: 'string' } },
    required: ['seconds'],
  })
  server.registerTool('slow_compute', { description, inputSchema }, ({ seconds }, ctx) =>
    inTask(ctx, async ({ signal }) => {
      await sleep(seconds * 1000, undefined, { signal })
      return says(`computed for ${seconds} s`)
    }),
  )
  server.registerTool(NEEDS_TASKS, { description }, (ctx) =>
    inTask(ctx, async () => ({ ...says('the job failed'), isError: true })),
  )
  server.registerTool('protocol_error_job', { description }, (ctx) =>
    inTask(ctx, async () => {
      throw new Error('not by the protocol')
    }),
  )
  server.registerTool('confirm_delete', { description }, (ctx) =>
    inTask(ctx, async ({ ask }) => {
      const { confirm } = await ask({ confirm: yesOrNo('Delete it?') })
      return says(JSON.stringify(confirm))
    }),
  )
  server.registerTool('multi_input', { description }, (ctx) =>
    inTask(ctx, async ({ ask }) =>
      says(JSON.stringify(await ask({ name: NAME, confirm: yesOrNo('Go on?') }))),
    ),
  )
  server.registerTool('test_tool_with_task', { description }, (ctx) => {
    const given = acceptedContent<{ name: string }>(ctx.mcpReq.inputResponses, 'user_name')
    if (given === undefined) return inputRequired({ inputRequests: { user_name: NAME } })
    return inTask(ctx, async () => says(`Hello, ${given.name}!`))
  })
}
