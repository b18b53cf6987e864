import express, { type Express } from 'express'
import request from 'supertest'
import type { Response } from 'supertest'
import {
  backChannelLogout,
  memoryRevocationStore,
  type AuthErrorReason,
  type AuthEvent,
  type BackChannelLogoutEndpoint,
  type BackChannelLogoutFields,
  type BackChannelLogoutOptions,
  type RevocationStore,
} from '../../lib/index.js'
import type { TestIssuer as KitIssuer } from '../../lib/testing.js'
import { systemClock } from '../../lib/core/clock.js'
import type { ClaimChanges, SigningKey, TestIssuer } from '../../tools/issuer.js'
import { serve } from '../../tools/server.js'

export const CLIENT = 'notes-app'
export const LOGOUT_EVENT = 'http://schemas.openid.net/event/backchannel-logout'
export const LOGOUT_PATH = '/back-channel-logout'

/** What an issuer talks to: `POST /back-channel-logout`, for the client that it names, or `notes-app`. */
export interface LogoutReceiver {
  readonly url: string
  readonly port: number
  readonly store: RevocationStore
  readonly endpoint: BackChannelLogoutEndpoint
  readonly events: AuthEvent[]
  /** Posts a form with this logout token. */
  send(token: string): Promise<Response>
  /** Why the latest refusal happened. */
  reason(): AuthErrorReason | undefined
  close(): Promise<void>
}

export interface LogoutReceiverOptions extends Partial<BackChannelLogoutFields> {
  readonly store?: RevocationStore
  /** The app to mount the endpoint on, with what runs in front of it. */
  readonly app?: Express
}

export async function startLogoutReceiver(
  issuer: Pick<KitIssuer, 'logoutOptions'> | { readonly url: string },
  { app = express(), clock = systemClock, ...options }: LogoutReceiverOptions = {},
): Promise<LogoutReceiver> {
  const { store = memoryRevocationStore({ clock }), ...others } = options
  const events: AuthEvent[] = []
  const endpoint = backChannelLogout(store, {
    ...('url' in issuer ? { issuer: issuer.url, clientId: CLIENT } : issuer.logoutOptions),
    clockToleranceSeconds: 0,
    onEvent: (event: AuthEvent) => events.push(event),
    clock,
    ...others,
  } as BackChannelLogoutOptions)
  app.use(LOGOUT_PATH, endpoint)
  const server = await serve(app)
  return {
    url: server.url,
    port: server.port,
    store,
    endpoint,
    events,
    send: (token) => postForm(server.url, { logout_token: token }),
    reason() {
      const refusal = events.findLast((event) => event.name === 'request.refused')
      return refusal?.reason
    },
    async close() {
      endpoint.close()
      await server.close()
    },
  }
}

/** Closes it after use. */
export async function withReceiver(
  issuer: { readonly url: string },
  options: LogoutReceiverOptions,
  use: (receiver: LogoutReceiver) => Promise<void>,
): Promise<void> {
  const receiver = await startLogoutReceiver(issuer, options)
  try {
    await use(receiver)
  } finally {
    await receiver.close()
  }
}

export async function postForm(
  url: string,
  form: Readonly<Record<string, string>>,
): Promise<Response> {
  return request(url).post(LOGOUT_PATH).type('form').send(form)
}

/** A valid logout token for the session `session-1`, but for the changes. */
export function logoutToken(
  issuer: TestIssuer,
  claims: ClaimChanges = {},
  header: ClaimChanges = {},
  key?: SigningKey,
): Promise<string> {
  return issuer.token(
    {
      aud: CLIENT,
      client_id: undefined,
      scope: undefined,
      sid: 'session-1',
      events: { [LOGOUT_EVENT]: {} },
      ...claims,
    },
    { typ: 'logout+jwt', ...header },
    key,
  )
}
