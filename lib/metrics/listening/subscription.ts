import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { callApp } from '../../core/app-function.js'
import { isRecord } from '../../core/values.js'
import { EVENT_CHANNEL, type AuthEvent } from '../../core/events/events.js'
import { LOOKUP_CHANNEL, type Lookup } from '../../core/events/lookups.js'
import { listenerWarning } from '../../core/events/listener-warning.js'

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
  return listenTo(factory, EVENT_CHANNEL, (message) =>
    isEvent(message) ? hear(message) : undefined,
  )
}

/** Hears how long each question to the denylist took. */
export function listenToLookups(factory: string, hear: (lookup: Lookup) => unknown): Subscription {
  return listenTo(factory, LOOKUP_CHANNEL, (message) =>
    isLookup(message) ? hear(message) : undefined,
  )
}

function listenTo(
  factory: string,
  channel: string,
  hear: (message: unknown) => unknown,
): Subscription {
  const failed = failureWarning(factory)
  const heard = (message: unknown): void => void callApp(() => hear(message), failed)
  subscribe(channel, heard)
  return { stop: () => void unsubscribe(channel, heard) }
}

/** Anybody in the process may publish on a channel. */
function isEvent(message: unknown): message is AuthEvent {
  return isRecord(message) && typeof message['name'] === 'string'
}

function isLookup(message: unknown): message is Lookup {
  return isRecord(message) && typeof message['durationMs'] === 'number'
}

export function failureWarning(factory: string): (error: unknown) => void {
  return listenerWarning((cause) => `${factory}: its sink failed (${cause}); events are being lost`)
}
