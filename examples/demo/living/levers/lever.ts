import { send, type ApiRequest } from '../../http.js'
import type { Visitor } from '../login.js'
import type { LivingStage } from '../stage.js'

/** What a lever of the stage shows: requests with their answers, or why there are none. */
export interface Shown {
  readonly note?: string
  readonly exchanges: readonly Exchange[]
}

export interface Exchange {
  readonly title: string
  readonly request: string
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly body: string
}

/** What a lever may move. */
export interface Reach {
  readonly stage: LivingStage
  readonly visitor: Visitor
  /** The API, by the address that needs no name. */
  readonly api: string
}

export type Lever = (reach: Reach) => Promise<Shown>

export const LOG_IN_FIRST: Shown = { note: 'Log in first: there is no token yet.', exchanges: [] }

/** Sends a request and shows it with its answer, but no credential of it. */
export async function exchange(
  { api }: Reach,
  title: string,
  request: ApiRequest,
  localAddress?: string,
): Promise<Exchange> {
  const { method, path, headers } = request
  const lines = headers.map(([name, value]) => `${name}: ${masked(value)}`)
  const answer = await send(api, request, localAddress)
  return { title, request: [`${method} ${path}`, ...lines].join('\n'), ...answer }
}

function masked(value: string): string {
  return value.replaceAll(/[\w-]{16,}(\.[\w.-]+)?/g, (text) =>
    text.startsWith('__Host-') ? text : `${text.slice(0, 6)}…`,
  )
}
