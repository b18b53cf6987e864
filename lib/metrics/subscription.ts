import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { callApp } from '../core/app-function.js'
import { isRecord } from '../core/values.js'
import { EVENT_CHANNEL, type AuthEvent } from '../core/events/events.js'
import { warn } from '../core/events/warnings.js'

/** Hears every event of this process until it is stopped. */
export interface Subscription {
  /** Events cost nothing any more, once nobody is left who hears them. */
  stop(): void
}

/**
 * Hears each event once. Whatever the listener throws, or rejects with, is told once as a process
 * warning: by way of the channel itself, it would end the process.
 */
export function listen(factory: string, hear: (event: AuthEvent) => unknown): Subscription {
  const failed = failureWarning(factory)
  const heard = (message: unknown): void => {
    if (isEvent(message)) callApp(() => hear(message), failed)
  }
  subscribe(EVENT_CHANNEL, heard)
  return { stop: () => void unsubscribe(EVENT_CHANNEL, heard) }
}

/** Anybody in the process may publish on a channel. */
function isEvent(message: unknown): message is AuthEvent {
  return isRecord(message) && typeof message['name'] === 'string'
}

/** Never the message of the error: it may quote what the sink was given. */
function failureWarning(factory: string): (error: unknown) => void {
  let warned = false
  return (error) => {
    if (warned) return
    warned = true
    const cause = error instanceof Error ? error.name : typeof error
    warn('ERS_EVENT_LISTENER', `${factory}: its sink failed (${cause}); events are being lost`)
  }
}
