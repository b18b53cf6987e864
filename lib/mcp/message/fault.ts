import { AuthError } from '../../core/verdicts/errors.js'
import type { Answer } from '../../http/answer/answer.js'

/** Codes of JSON-RPC 2.0 §5.1, and those that MCP adds to them. */
const CODES = {
  parse: -32_700,
  invalid: -32_600,
  params: -32_602,
  transport: -32_000,
  mismatch: -32_020,
} as const

const MESSAGES: Readonly<Record<keyof typeof CODES, string>> = {
  parse: 'Parse error',
  invalid: 'Invalid Request',
  params: 'Invalid params',
  transport: 'Bad Request',
  mismatch: 'Header mismatch',
}

/** What is wrong with a message, whatever its token grants. */
export interface MessageFault {
  readonly kind: keyof typeof CODES
  /** Safe to send: nothing of the message stands in it. */
  readonly detail: string
  /** @default 400 */
  readonly status?: number
}

/** A class, so that no value of a body can pass for one. */
export class Fault {
  readonly #fault: MessageFault

  constructor(fault: MessageFault) {
    this.#fault = fault
  }

  /** For events, and for `onRefuse`. */
  get error(): AuthError {
    const { kind, detail } = this.#fault
    const reason = kind === 'mismatch' ? 'header_mismatch' : 'malformed_message'
    return new AuthError('invalid_request', { reason, detail })
  }

  /** @param id Of the request, null where there is no one that could be read (JSON-RPC 2.0 §5). */
  answer(id: string | number | null): Answer {
    const { kind, detail, status = 400 } = this.#fault
    const message = `${MESSAGES[kind]}: ${detail}`
    const body = JSON.stringify({ jsonrpc: '2.0', error: { code: CODES[kind], message }, id })
    return {
      status,
      headers: [
        ['Cache-Control', 'no-store'],
        ['Content-Type', 'application/json'],
        ['Content-Length', String(Buffer.byteLength(body))],
      ],
      body,
    }
  }
}
