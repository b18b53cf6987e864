import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import type { RevocationStore } from '../../../lib/revocation/store.js'
import { redisFamilyStore } from '../../../lib/redis.js'
import { refreshFamilies, type FamilyRotation, type RefreshFamilies } from '../../../lib/session.js'
import { storeConnections, type Target } from '../protocol.js'
import { Recent, type Tally } from './tally.js'

const ISSUER = 'https://id.test'
const CLIENT = { clientId: 'app' }
const LOGINS = 20
const PAUSE_MS = 40

/**
 * Users who rotate, two processes at once with the same token; now and then one logs out, or a thief
 * uses a token that was rotated long ago. A token whose answer was lost is sent again.
 */
export async function useFamilies(
  target: Target,
  revocations: readonly [RevocationStore, RevocationStore],
  tally: Tally,
): Promise<void> {
  const open = (denylist: RevocationStore): RefreshFamilies =>
    refreshFamilies(redisFamilyStore({ redis: storeConnections(target) }), {
      issuer: ISSUER,
      secrets: ['a secret of the faults, long enough to be one'],
      revocations: denylist,
    })
  const [one, other] = [open(revocations[0]), open(revocations[1])] as const
  const gone = new Recent<string>()

  /** @returns the tokens of its last two steps, or undefined where the login is over. */
  async function step(token: string, before: string): Promise<[string, string] | undefined> {
    const racers = await Promise.all([rotate(one, token), rotate(other, token)])
    const successors = racers.flatMap((racer) => (racer && 'token' in racer ? [racer.token] : []))
    if (new Set(successors).size > 1) tally.twice += 1
    const [successor] = successors
    if (successor !== undefined) {
      tally.renewed += 1
      tally.served()
      return [successor, token]
    }
    const [refusal] = racers.flatMap((racer) => (racer && 'reason' in racer ? [racer.reason] : []))
    if (refusal === undefined) return [token, before]
    tally.lost(refusal)
    return undefined
  }

  async function end(token: string, old: string): Promise<void> {
    const byThief = Math.random() < 0.5 && old !== ''
    if (byThief) {
      const stolen = await rotate(other, old)
      // A side of a split brain that does not know the login ends nothing by refusing it.
      const isEnded = stolen !== undefined && 'reason' in stolen && stolen.reason !== 'unknown'
      if (!isEnded) return
    } else if (!(await one.revoke(token).then(() => true, () => false))) return // prettier-ignore
    tally.ended += 1
    gone.add(token)
    if (old !== '') gone.add(old)
  }

  async function live(): Promise<never> {
    for (;;) {
      const login = { subject: randomUUID(), sessionId: randomUUID(), ...CLIENT }
      const started = await one.start(login).catch(() => undefined)
      let tokens: [string, string] | undefined = started && [started.token, '']
      let oldest = ''
      while (tokens !== undefined) {
        await wait(PAUSE_MS)
        const next = await step(...tokens)
        if (next !== undefined && next[0] !== tokens[0]) oldest = tokens[1]
        tokens = next
        if (tokens !== undefined && Math.random() < 0.02) {
          await end(tokens[0], oldest)
          break
        }
      }
      await wait(PAUSE_MS)
    }
  }

  for (let login = 0; login < LOGINS; login += 1) void live()
  setInterval(() => {
    const token = gone.any()
    if (token === undefined) return
    const families = Math.random() < 0.5 ? one : other
    void rotate(families, token).then((rotation) => {
      if (rotation && 'token' in rotation) tally.revived += 1
    })
  }, 5)
}

/** Undefined where nobody knows whether it was done. */
async function rotate(
  families: RefreshFamilies,
  token: string,
): Promise<FamilyRotation | undefined> {
  return families.rotate(token, CLIENT).catch(() => undefined)
}
