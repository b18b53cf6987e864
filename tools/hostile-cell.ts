import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { KeyCacheOptions } from '../lib/index.js'
import { startApi, type TestApi } from './api.js'
import { startHostileIssuer, type HostileDocument, type HostileIssuer } from './hostile-issuer.js'
import { until } from './until.js'

export type Target = 'jwks' | 'metadata' | 'both'
export type KeyState = 'cold' | 'warm' | 'stale' | 'dead'

/** One fault of an issuer's documents, met by an API whose keys are in one state. */
export interface Cell {
  readonly target: Target
  readonly state: KeyState
  readonly fault: string
}

/** What was seen in a cell. */
export interface Readings extends Cell {
  /** Statuses of the answers to a good token, each once; 503 only where all of the answer says so. */
  readonly statuses: readonly string[]
  /** The same for a token by a key that was published after the last fetch. */
  readonly rotated: readonly string[]
  /** The slowest of these answers. */
  readonly answerMs: number
  /** The longest time that the process stood still: no deadline fires then, for anybody. */
  readonly stallMs: number
  /** When the issuer was asked while these answers were given, in milliseconds. */
  readonly requests: { readonly metadata: readonly number[]; readonly jwks: readonly number[] }
  /** From the cure on, until a good token passes and the keys are fresh. */
  readonly healMs: number
}

export interface Scene {
  readonly issuer: HostileIssuer
  readonly api: TestApi
  readonly token: string
}

/**
 * The slowest answer, the longest stall and the time to heal, as docs/hostile-issuer.md promises them; and
 * as they may be where API, issuer and clients of dozens of cells share one process of a busy machine.
 */
export const LIMITS_MS = {
  promised: { answer: 3000, stall: 1000, heal: 5000 },
  busy: { answer: 8000, stall: 2500, heal: 15_000 },
}

/** After a failed try there is a back-off, less a millisecond that timers may be early. */
export const BACK_OFF_MS = 499

/** Time to heal at which waiting ends. */
export const GIVE_UP_MS = 20_000

/** Short lives, so that a test can see them end. */
const LIFETIMES: Readonly<Record<KeyState, KeyCacheOptions>> = {
  cold: {},
  warm: {},
  stale: { ttlSeconds: 0.2 },
  dead: { ttlSeconds: 0.2, maxStaleSeconds: 0.1 },
}

export async function withScene<T>(
  keyCache: KeyCacheOptions,
  play: (scene: Scene) => Promise<T>,
): Promise<T> {
  const issuer = await startHostileIssuer()
  const api = await startApi(issuer, { keyCache, verifiedTokens: false })
  try {
    return await play({ issuer, api, token: await issuer.token() })
  } finally {
    await api.close()
    await issuer.close()
  }
}

/**
 * Brings the keys into their state and the documents into their fault, sends two bursts of tokens,
 * cures the documents and waits until all is well. Metadata alone cannot make keys old, because where
 * they are is known by then: there it is the JWKS that fails first, and its recovery is the cure.
 */
export function playCell(cell: Cell, keyCache: KeyCacheOptions): Promise<Readings> {
  return withScene({ ...keyCache, ...LIFETIMES[cell.state] }, async (scene) => {
    const { issuer, api, token } = scene
    const { metadata, jwks } = issuer
    const ages = cell.state === 'stale' || cell.state === 'dead'
    const targets = documentsOf(cell, issuer)
    const failing = cell.target === 'metadata' && ages ? [jwks] : targets
    // A busy machine may miss the deadline of this fetch too, which is not what is looked at.
    if (cell.state !== 'cold') await until(() => api.guard.ready())
    for (const document of failing) {
      await document.misbehave(failing === targets ? cell.fault : 'status 500')
    }
    if (ages) await until(() => mustBe(cell.state, stateOf(api)))
    if (failing !== targets) await metadata.misbehave(cell.fault)

    issuer.rotate()
    const rotated = cell.state === 'warm' ? await issuer.token(issuer.nextKey) : undefined
    const delay = monitorEventLoopDelay({ resolution: 10 })
    delay.enable()
    const before = { metadata: metadata.attempts.length, jwks: jwks.attempts.length }
    const bursts = [await bursting(api, token, rotated), await bursting(api, token, rotated)]
    const requests = {
      metadata: metadata.attempts.slice(before.metadata),
      jwks: jwks.attempts.slice(before.jwks),
    }
    const curedAt = performance.now()
    for (const document of failing) await document.behave()
    await until(() => isWell(api, rotated ?? token), GIVE_UP_MS)
    const healMs = performance.now() - curedAt
    delay.disable()
    return {
      ...cell,
      statuses: distinct(bursts.map(({ statuses }) => statuses)),
      rotated: distinct(bursts.map(({ rotatedStatuses }) => rotatedStatuses)),
      answerMs: Math.max(...bursts.map(({ answerMs }) => answerMs)),
      stallMs: delay.max / 1e6,
      requests,
      healMs,
    }
  })
}

function documentsOf({ target }: Cell, issuer: HostileIssuer): readonly HostileDocument[] {
  return target === 'both' ? [issuer.metadata, issuer.jwks] : [issuer[target]]
}

interface Burst {
  readonly statuses: readonly string[]
  readonly rotatedStatuses: readonly string[]
  readonly answerMs: number
}

async function bursting(api: TestApi, token: string, rotated?: string): Promise<Burst> {
  const [good, others] = await Promise.all([
    burst(api, token),
    rotated === undefined ? [] : burst(api, rotated),
  ])
  return {
    statuses: good.map(({ status }) => status),
    rotatedStatuses: others.map(({ status }) => status),
    answerMs: Math.max(...[...good, ...others].map(({ answerMs }) => answerMs)),
  }
}

/** Answers to ten requests at once. */
export function burst(api: TestApi, token: string): Promise<readonly Answer[]> {
  return Promise.all(Array.from({ length: 10 }, () => answerTo(api, token)))
}

export interface Answer {
  readonly status: string
  readonly answerMs: number
}

export async function answerTo(api: TestApi, token: string): Promise<Answer> {
  const began = performance.now()
  const { status, headers, text } = await api.get(token)
  const answerMs = performance.now() - began
  if (status !== 503) return { status: String(status), answerMs }
  // An outage is told whole: when to come back, and nothing that blames the token.
  const whole =
    Number(headers['retry-after']) >= 1 &&
    headers['www-authenticate'] === undefined &&
    text.includes('"error":"temporarily_unavailable"')
  return { status: whole ? '503' : '503, told wrongly', answerMs }
}

async function isWell(api: TestApi, token: string): Promise<void> {
  mustBe('200', (await answerTo(api, token)).status)
  mustBe('fresh', stateOf(api))
}

export function stateOf(api: TestApi): string | undefined {
  return api.guard.status()[0]?.state
}

function mustBe(expected: string, actual: string | undefined): void {
  if (actual !== expected) throw new Error(`Expected ${expected}, got ${actual}`)
}

/**
 * The shortest time in which `count` requests were followed by one more. However slow the machine is,
 * a back-off between tries of `count` requests each shows in it.
 */
export function shortestGapMs(requestedAt: readonly number[], count: number): number {
  return Math.min(...requestedAt.slice(count).map((at, index) => at - requestedAt[index]!))
}

export function distinct(statuses: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(statuses.flat())].toSorted()
}
