import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Request, Response } from 'express'
import { EVENT_CHANNEL, type AuthEvent } from '../../../lib/index.js'
import { currentTracer, type Trace } from './trace.js'

/** What the page is told, live: traces of requests, events of no request, and the state of the stage. */
export type Told = Trace | ToldEvent | ToldState

export interface ToldEvent {
  readonly type: 'event'
  readonly at: number
  readonly name: string
  readonly says: string
}

export interface ToldState {
  readonly type: 'state'
  readonly redis: 'well' | 'cut' | 'held' | 'absent'
}

export interface Hub {
  tell(message: Told): void
  /** Answers with server-sent events: what was told lately, and from then on all. */
  serve(req: Request, res: Response): void
  close(): void
}

const REMEMBERED = 40

/** Hears the library's event channel, and tells every open page. */
export function openHub(): Hub {
  const lately: Told[] = []
  const pages = new Set<Response>()

  function tell(message: Told): void {
    const rest = message.type === 'state' ? lately.findIndex(({ type }) => type === 'state') : -1
    if (rest >= 0) lately.splice(rest, 1)
    lately.push(message)
    if (lately.length > REMEMBERED) lately.shift()
    for (const page of pages) page.write(line(message))
  }

  const heard = (message: unknown): void => {
    const event = message as AuthEvent
    if (event.name === 'request.refused') currentTracer()?.refused(event)
    else if (event.name !== 'bearer.accepted') {
      tell({ type: 'event', at: Date.now(), name: event.name, says: inWords(event) })
    }
  }
  subscribe(EVENT_CHANNEL, heard)

  return {
    tell,
    serve(_req, res) {
      res.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
      res.write(lately.map(line).join('') + ': open\n\n')
      pages.add(res)
      res.once('close', () => pages.delete(res))
    },
    close() {
      unsubscribe(EVENT_CHANNEL, heard)
      for (const page of pages) page.end()
    },
  }
}

function line(message: Told): string {
  return `data: ${JSON.stringify(message)}\n\n`
}

/** The members of the event that a person can use. */
function inWords(event: AuthEvent): string {
  const told = Object.entries(event).filter(
    ([name, value]) => !['name', 'token', 'guard'].includes(name) && value !== undefined,
  )
  return told.map(([name, value]) => `${name} ${String(value)}`).join(', ')
}
