import { monitorEventLoopDelay } from 'node:perf_hooks'
import { clientSecretBasic, type IntrospectionOptions } from '../lib/index.js'
import { startApi } from './api.js'
import { answerTo, burst, distinct, GIVE_UP_MS } from './hostile-cell.js'
import { startDocument } from './hostile-issuer.js'
import { createSigningKey } from './issuer.js'
import { until } from './until.js'

/** One fault of an introspection endpoint, and whether an answer from before may still be believed. */
export interface CallCell {
  readonly held: 'none' | 'fresh'
  readonly fault: string
}

export interface CallReadings extends CallCell {
  readonly statuses: readonly string[]
  readonly answerMs: number
  readonly stallMs: number
  /** When the endpoint was asked while these answers were given, in milliseconds. */
  readonly calls: readonly number[]
  /** From the cure on, until a good token passes. */
  readonly healMs: number
}

/** Sends two bursts of one good opaque token to an API whose endpoint is at fault, and cures it. */
export async function playCall(
  cell: CallCell,
  introspection: Partial<IntrospectionOptions>,
): Promise<CallReadings> {
  const options = { issuer: 'https://issuer.test', audience: 'https://api.test' }
  const { jwk } = await createSigningKey('key-1', 'ES256')
  const now = Math.floor(Date.now() / 1000)
  const good = { active: true, aud: options.audience, scope: 'read', exp: now + 300, iat: now }
  const document = await startDocument(() => ({ good, wrong: { active: 'true' } }))
  const endpoint = `${document.origin}/introspect`
  const clientAuth = clientSecretBasic('a secret')
  const api = await startApi(
    { options },
    {
      jwks: { keys: [jwk] },
      introspection: { endpoint, clientId: 'api', clientAuth, cacheSeconds: 60, ...introspection },
    },
  )
  const passed = (): Promise<void> =>
    until(async () => {
      if ((await answerTo(api, 'a-good-token')).status !== '200') throw new Error('not yet')
    }, GIVE_UP_MS)
  try {
    // A busy machine may miss the deadline of this call too, which is not what is looked at.
    if (cell.held === 'fresh') await passed()
    await document.misbehave(cell.fault)
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    const before = document.attempts.length
    const answers = [...(await burst(api, 'a-good-token')), ...(await burst(api, 'a-good-token'))]
    const calls = document.attempts.slice(before)
    const curedAt = performance.now()
    await document.behave()
    await passed()
    delay.disable()
    return {
      ...cell,
      statuses: distinct([answers.map(({ status }) => status)]),
      answerMs: Math.max(...answers.map(({ answerMs }) => answerMs)),
      stallMs: delay.max / 1e6,
      calls,
      healMs: performance.now() - curedAt,
    }
  } finally {
    await api.close()
    await document.close()
  }
}
