import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { systemClock, systemTimer } from '../../../lib/core/clock.js'
import { optionCheck } from '../../../lib/core/options/option-check.js'
import { AuthError } from '../../../lib/core/verdicts/errors.js'
import { createEvents } from '../../../lib/core/events/events.js'
import { createSeal } from '../../../lib/http/secrets/seal.js'
import { redisSessionStore } from '../../../lib/redis.js'
import type { RevocationStore } from '../../../lib/revocation/store.js'
import type { IssuerClient } from '../../../lib/session/handler/issuer/issuer-client.js'
import { createRefresher, type Refresher } from '../../../lib/session/handler/tokens/refresher.js'
import { createSessionCodec } from '../../../lib/session/handler/sessions/session.js'
import { createSessions, type Sessions } from '../../../lib/session/handler/sessions/sessions.js'
import { storeConnections, type Target } from '../protocol.js'
import { StrictIssuer } from './issuer.js'
import { Recent, type Tally } from './tally.js'

const ISSUER = 'https://id.test'
const SESSIONS = 20
const PAUSE_MS = 40

interface Process {
  readonly sessions: Sessions
  readonly refresher: Refresher
}

function open(target: Target, revocations: RevocationStore, strict: StrictIssuer): Process {
  const check = optionCheck('faults')
  const secrets = ['a secret of the faults, long enough to be one']
  const store = redisSessionStore({ redis: storeConnections(target) })
  const codec = createSessionCodec(createSeal(check, 'secrets', secrets, 'session'))
  const shared = { store, codec, issuer: ISSUER, clock: systemClock, events: createEvents() }
  const lifetime = { idleMs: 600_000, absoluteMs: 3_600_000 }
  const sessions = createSessions({ ...shared, revocations, clientId: 'app', lifetime })
  const client: IssuerClient = {
    refresh: (token) => strict.refresh(token),
    revoke: async () => undefined,
    loginUrl: () => Promise.reject(new Error('not asked for')),
    redeem: () => Promise.reject(new Error('not asked for')),
    logoutUrl: async () => undefined,
  }
  const limits = { beforeSeconds: 60, timeoutMs: 5000 }
  const refresher = createRefresher({ ...shared, ...limits, sessions, client, timer: systemTimer })
  return { sessions, refresher }
}

/** Users whose requests come to two processes at once; now and then one logs out. */
export async function useSessions(
  target: Target,
  revocations: readonly [RevocationStore, RevocationStore],
  tally: Tally,
): Promise<void> {
  const strict = new StrictIssuer(tally)
  const processes = revocations.map((store) => open(target, store, strict))
  const [first] = processes as [Process, Process]
  const gone = new Recent<string>()

  async function request({ sessions, refresher }: Process, id: string): Promise<string> {
    const found = await sessions.find(id, true)
    if (found instanceof AuthError) return found.status === 401 ? found.reason : 'later'
    const fresh = await refresher.fresh(found.session)
    if (fresh instanceof AuthError) return fresh.status === 401 ? fresh.reason : 'later'
    tally.served()
    return 'served'
  }

  async function logOut(id: string): Promise<void> {
    const found = await first.sessions.find(id, false)
    if (found instanceof AuthError) return
    const ended =
      (await first.sessions.revoke(found.session)) ??
      (await first.sessions.end(found.session, 'logout'))
    if (ended instanceof AuthError) return
    tally.ended += 1
    gone.add(id)
  }

  async function live(): Promise<never> {
    for (;;) {
      await wait(PAUSE_MS)
      const claims = { sub: randomUUID(), sid: randomUUID() }
      const started = await first.sessions.start(strict.grant(claims), undefined)
      if (started instanceof AuthError) continue
      for (;;) {
        await wait(PAUSE_MS)
        const answers = await Promise.all(processes.map((one) => request(one, started.id)))
        const refusal = answers.find((answer) => answer !== 'served' && answer !== 'later')
        if (refusal !== undefined) tally.lost(refusal)
        const leaves = refusal === undefined && Math.random() < 0.02
        if (leaves) await logOut(started.id)
        if (leaves || refusal !== undefined) break
      }
    }
  }

  for (let login = 0; login < SESSIONS; login += 1) void live()
  setInterval(() => {
    const id = gone.any()
    const { sessions } = processes[Math.random() < 0.5 ? 0 : 1]!
    if (id === undefined) return
    void sessions.find(id, true).then((found) => {
      if (!(found instanceof AuthError)) tally.revived += 1
    })
  }, 5)
}
