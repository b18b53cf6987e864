/* What the server asks its client before it answers: in rounds since 2026-07-28, and before by requests of its own. */
import { randomBytes } from 'node:crypto'
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type InputRequests,
  type McpServer,
  type RequestStateCodec,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { says, strings, text } from './schema.js'

/** Seals what travels through the client, which might change it. */
export const sealed: RequestStateCodec<Round> = createRequestStateCodec({ key: randomBytes(32) })

interface Round {
  readonly tool: string
  readonly round: number
}

type Fields = Readonly<Record<string, object>>

function form(message: string, properties: Fields, required: readonly string[]): Question {
  const requestedSchema = { type: 'object', properties, required: [...required] } as const
  return inputRequired.elicit({ message, requestedSchema: requestedSchema as never })
}

const STRING = { type: 'string' }
type Question = InputRequests[string]

export const NAME: Question = form('What is your name?', { name: STRING }, ['name'])
export const yesOrNo = (message: string): Question =>
  form(message, { ok: { type: 'boolean' } }, ['ok'])
const CONFIRM = yesOrNo('Please confirm')
const ROOTS = inputRequired.listRoots()
const words = (said: string, maxTokens: number): Question =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text: said } }],
    maxTokens,
  })

/** Those that have no answer yet, or one of another kind. */
function unanswered(questions: InputRequests, { mcpReq }: ServerContext): boolean {
  return Object.entries(questions).some(([key, { method }]) => {
    const { kind } = inputResponse(mcpReq.inputResponses, key)
    return kind !== KINDS.get(method)
  })
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['elicitation/create', 'elicit'],
  ['sampling/createMessage', 'sampling'],
  ['roots/list', 'roots'],
])

/** All answers, as text. */
function answers(questions: InputRequests, { mcpReq }: ServerContext): string {
  const given = Object.keys(questions).map((key) => inputResponse(mcpReq.inputResponses, key))
  return JSON.stringify(given)
}

interface Asking {
  /** Besides, the state goes round. */
  readonly stateful?: true
}

function askOnce(
  server: McpServer,
  name: string,
  questions: InputRequests,
  { stateful }: Asking = {},
): void {
  server.registerTool(name, { description: name }, async (ctx) => {
    const state = ctx.mcpReq.requestState<Round>()
    if (unanswered(questions, ctx) || (stateful === true && state?.tool !== name)) {
      const requestState = stateful && (await sealed.mint({ tool: name, round: 1 }))
      return inputRequired({ inputRequests: questions, ...(requestState && { requestState }) })
    }
    return says(`${stateful ? 'state-ok: ' : ''}${answers(questions, ctx)}`)
  })
}

/** The two that older revisions have, with what is asked in an argument. */
function askWhatIsSaid(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'samples', inputSchema: strings('prompt') },
    ({ prompt }, ctx) => {
      const questions = { answer: words(prompt, 100) }
      if (unanswered(questions, ctx)) return inputRequired({ inputRequests: questions })
      return says(`LLM response: ${answers(questions, ctx)}`)
    },
  )
  const fields = { username: STRING, email: STRING }
  server.registerTool(
    'test_elicitation',
    { description: 'asks', inputSchema: strings('message') },
    (asked, ctx) => {
      const questions = { answer: form(asked.message, fields, ['username', 'email']) }
      if (unanswered(questions, ctx)) return inputRequired({ inputRequests: questions })
      return says(`User response: ${answers(questions, ctx)}`)
    },
  )
}

const DEFAULTS: Fields = {
  name: { type: 'string', default: 'John Doe' },
  age: { type: 'integer', default: 30 },
  score: { type: 'number', default: 95.5 },
  status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
  verified: { type: 'boolean', default: true },
}

const titled = (...consts: readonly string[]): readonly object[] =>
  consts.map((value) => ({ const: value, title: `Title of ${value}` }))
const OPTIONS = ['option1', 'option2', 'option3']
const VALUES = titled('value1', 'value2', 'value3')

const ENUMS: Fields = {
  untitledSingle: { type: 'string', enum: OPTIONS },
  titledSingle: { type: 'string', oneOf: VALUES },
  legacyEnum: {
    type: 'string',
    enum: ['opt1', 'opt2', 'opt3'],
    enumNames: ['One', 'Two', 'Three'],
  },
  untitledMulti: { type: 'array', items: { type: 'string', enum: OPTIONS } },
  titledMulti: { type: 'array', items: { anyOf: VALUES } },
}

const STEPS = [
  { step1: form('Step 1: What is your name?', { name: STRING }, ['name']) },
  { step2: form('Step 2: What is your favorite color?', { color: STRING }, ['color']) },
] as const

/** Where it stands is told by the state alone: each request may come to another process. */
function askTwice(server: McpServer, tool: string): void {
  server.registerTool(tool, { description: tool }, async ({ mcpReq }) => {
    const state = mcpReq.requestState<Round>()
    const round = state?.tool === tool ? state.round : 0
    const questions = STEPS[round]
    if (questions === undefined) return says('both rounds are done')
    const requestState = await sealed.mint({ tool, round: round + 1 })
    return inputRequired({ inputRequests: questions, requestState })
  })
}

/** A client is asked for no more than it says that it can answer. */
function askWhatCanBeAnswered(server: McpServer, name: string): void {
  server.registerTool(name, { description: name }, ({ mcpReq }) => {
    if (mcpReq.inputResponses !== undefined) return says('answered')
    const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
    const told = envelope[CLIENT_CAPABILITIES_META_KEY]
    const able = typeof told === 'object' && told !== null ? told : {}
    const questions: InputRequests = {
      ...('elicitation' in able && { user_name: NAME }),
      ...('sampling' in able && { greeting: words('Generate a short greeting', 50) }),
      ...('roots' in able && { client_roots: ROOTS }),
    }
    if (Object.keys(questions).length === 0) return says('nothing can be asked')
    return inputRequired({ inputRequests: questions })
  })
}

function askForPrompt(server: McpServer): void {
  const questions = {
    user_context: form('What context should the prompt use?', { context: STRING }, ['context']),
  }
  // Of prompts without arguments the type of the SDK leaves out the context, which they get.
  const prompt = (ctx: ServerContext) => {
    const given = acceptedContent<{ context: string }>(ctx.mcpReq.inputResponses, 'user_context')
    if (given === undefined) return inputRequired({ inputRequests: questions })
    const content = text(`Use the following context: ${given.context}`)
    return { messages: [{ role: 'user' as const, content }] }
  }
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'asks' },
    prompt as never,
  )
}

export function registerRounds(server: McpServer): void {
  const result = 'test_input_required_result'
  askWhatIsSaid(server)
  askOnce(server, 'test_elicitation_sep1034_defaults', { form: form('Defaults', DEFAULTS, []) })
  askOnce(server, 'test_elicitation_sep1330_enums', { form: form('Options', ENUMS, []) })
  askOnce(server, `${result}_elicitation`, { user_name: NAME })
  askOnce(server, `${result}_sampling`, {
    capital_question: words('What is the capital of France?', 100),
  })
  askOnce(server, `${result}_list_roots`, { client_roots: ROOTS })
  askOnce(server, `${result}_request_state`, { confirm: CONFIRM }, { stateful: true })
  askOnce(server, `${result}_tampered_state`, { confirm: CONFIRM }, { stateful: true })
  const three = { user_name: NAME, greeting: words('Generate a greeting', 50), client_roots: ROOTS }
  askOnce(server, `${result}_multiple_inputs`, three, { stateful: true })
  askTwice(server, `${result}_multi_round`)
  askWhatCanBeAnswered(server, `${result}_capabilities`)
  askForPrompt(server)
  // A client that says nothing of sampling gets -32021, before it is asked.
  askOnce(server, 'test_missing_capability', { answer: words('Reply with: pong', 16) })
}
