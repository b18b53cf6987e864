import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Middleware } from '../../http/guard/middleware.js'

export type HeaderLine = readonly [name: string, value: string]

/**
 * Runs a middleware that only sets headers, once, and tells which ones: helmet's work is done at
 * construction, and a request pays for the sending alone.
 */
export function recordHeaders(middleware: Middleware): readonly HeaderLine[] {
  const res = new RecordingResponse(new IncomingMessage(new Socket()))
  middleware(res.req, res, (error) => {
    if (error instanceof Error) throw error
  })
  return res.lines
}

class RecordingResponse extends ServerResponse {
  readonly lines: HeaderLine[] = []

  override setHeader(name: string, value: number | string | readonly string[]): this {
    this.lines.push([name, String(value)])
    return super.setHeader(name, value)
  }
}
