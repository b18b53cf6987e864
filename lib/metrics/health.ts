import type { IncomingMessage, ServerResponse } from 'node:http'
import { callApp } from '../core/app-function.js'
import { optionCheck } from '../core/options/option-check.js'
import { isRecord } from '../core/values.js'

/** What tells how it is: a guard (`requireBearer`, `fetchGuard`, `createVerifier`) or a revocation store. */
export interface HealthPart {
  /** Of a guard: its issuers. Of a store: one state. */
  status(): readonly GuardState[] | StoreState
  /** Asked, and not waited for, as long as it is not ready: keys are fetched by the first request otherwise. */
  ready?(): Promise<unknown>
}

export interface GuardState {
  readonly issuer: string
  readonly state: string
  readonly usableSeconds: number | undefined
  readonly lastError: string | undefined
  readonly resolved?: true
}

export interface StoreState {
  readonly ready: boolean
  readonly state: string
  readonly detail?: string | undefined
}

export interface HealthOptions {
  /** Names of parts without which requests can still be judged, such as a denylist with `dangerouslyAllow`. @default none */
  readonly optional?: readonly string[] | undefined
}

export interface HealthReport {
  /** Whether all that is needed is there. */
  readonly ready: boolean
  /** Each guard's issuers, and each store. */
  readonly parts: readonly PartReport[]
}

export interface PartReport {
  /** The name that `health` was given. */
  readonly part: string
  /** Of a guard. */
  readonly issuer?: string
  /**
   * Of an issuer that was not known in advance: never needed, and not in the answer to a probe. A
   * stranger's token could name one whose keys cannot be had, and take the service down.
   */
  readonly resolved?: true
  /** Whether a probe fails while this part is not ready. */
  readonly needed: boolean
  /** Whether requests can be judged by this part. */
  readonly ready: boolean
  /** Of keys: `fresh`, `stale`, `dead` or `empty`. Of a store, what it calls it. */
  readonly state: string
  /** When this state was first seen, in ISO 8601. */
  readonly since: string
  /** Of keys that are fetched: how much longer they are served if no refresh succeeds. */
  readonly usableSeconds?: number
  /** Why, for you: it is not in the answer to a probe. */
  readonly detail?: string
}

/** Answers a readiness probe: 200 or 503, with the report in JSON. */
export interface Health {
  (req: IncomingMessage, res: ServerResponse): void
  /** The same, with `detail` and the issuers that were found by `resolve`. */
  report(): HealthReport
}

/**
 * Tells whether requests can be judged: what is needed, how it is, since when. Mount it where probes
 * ask, in front of all guards. Stale keys are ready: they are served.
 *
 * It does not tell whether the process lives: an outage of Redis is no reason to restart it.
 *
 * @example
 * app.get('/readyz', health({ bearer, revocations }))
 *
 * @throws TypeError for a part without status(), or a name in `optional` that is none.
 */
export function health(
  parts: Readonly<Record<string, HealthPart>>,
  options: HealthOptions = {},
): Health {
  const check = optionCheck('health')
  check.known(options, ['optional'])
  const { optional = [] } = options
  for (const name of optional) {
    if (!Object.hasOwn(parts, name)) check.refuse('optional', 'name parts', name)
  }
  for (const [name, part] of Object.entries<unknown>(parts)) {
    if (!isPart(part)) check.refuse(name, 'have a function status(), as guards and stores do', part)
  }
  let seen = new Map<string, { readonly state: string; readonly since: string }>()

  function report(): HealthReport {
    const now = new Date().toISOString()
    const before = seen
    seen = new Map()
    const all = Object.entries(parts).flatMap(([part, source]) => {
      const states = statesOf(source)
      if (!states.every(({ ready }) => ready)) ask(source)
      return states.map((state): PartReport => {
        const key = `${part} ${state.issuer ?? ''}`
        const last = before.get(key)
        const since = last?.state === state.state ? last.since : now
        seen.set(key, { state: state.state, since })
        const needed = state.resolved !== true && !optional.includes(part)
        return { part, needed, since, ...state }
      })
    })
    return { ready: all.every(({ needed, ready }) => ready || !needed), parts: all }
  }

  function probe(_req: IncomingMessage, res: ServerResponse): void {
    const { ready, parts: all } = report()
    const shown = all.filter(({ resolved }) => resolved !== true)
    const body = { ready, parts: shown.map(({ detail: _detail, ...told }) => told) }
    res.statusCode = ready ? 200 : 503
    res.setHeader('Cache-Control', 'no-store')
    res.setHeader('Content-Type', 'application/json; charset=utf-8')
    res.end(JSON.stringify(body))
  }

  return Object.assign(probe, { report })
}

type State = Omit<PartReport, 'part' | 'needed' | 'since'>

/** A part that throws is not ready: a probe must be answered in any case. */
function statesOf(part: HealthPart): readonly State[] {
  try {
    const status = part.status()
    return 'ready' in status ? [stateOfStore(status)] : status.map(stateOfIssuer)
  } catch {
    return [{ ready: false, state: 'unknown' }]
  }
}

function stateOfStore({ ready, state, detail }: StoreState): State {
  return { ready, state, ...(detail === undefined ? {} : { detail }) }
}

function stateOfIssuer({ issuer, state, usableSeconds, lastError, resolved }: GuardState): State {
  return {
    issuer,
    ...(resolved && { resolved }),
    ready: state === 'fresh' || state === 'stale',
    state,
    ...(usableSeconds === undefined ? {} : { usableSeconds: Math.round(usableSeconds) }),
    ...(lastError === undefined ? {} : { detail: lastError }),
  }
}

function ask(part: HealthPart): void {
  void callApp(
    () => part.ready?.(),
    () => undefined,
  )
}

function isPart(value: unknown): value is HealthPart {
  if (typeof value !== 'function' && !isRecord(value)) return false
  return typeof Reflect.get(value, 'status') === 'function'
}
