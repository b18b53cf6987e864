import { randomUUID } from 'node:crypto'
import { countsIn, type SharedCall, type SharedScript } from '../http/throttle/shared-script.js'

/** How a key stands with all processes together. */
export interface SharedStanding {
  readonly taken: number
  readonly failed: number
  readonly resetAfterMs: number
  /** Names the place that was taken; undefined where there was none. */
  readonly place: string | undefined
}

/** Takes places for attempts in Redis. Undefined where it does not answer; never rejects. */
export interface SharedAttempts {
  begin(key: string): Promise<SharedStanding | undefined>
  end(key: string, place: string, failed: boolean): Promise<void>
}

/**
 * Takes a place where one is left, in one step, so that no two processes take the same. A process
 * that dies gives none back: its attempts count as failures until the window ends.
 */
const BEGIN_SCRIPT = `
local limit, length, place = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local left = redis.call('PTTL', KEYS[1])
if left < 0 then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'taken', 0, 'failed', 0)
  redis.call('PEXPIRE', KEYS[1], length)
  left = tonumber(length)
end
local taken = tonumber(redis.call('HGET', KEYS[1], 'taken'))
local failed = tonumber(redis.call('HGET', KEYS[1], 'failed'))
if taken >= limit then return { taken, failed, left } end
redis.call('HSET', KEYS[1], place, 1)
return { redis.call('HINCRBY', KEYS[1], 'taken', 1), failed, left, place }`

/** A place ends once, whoever tells of it again, and with its window: the next one does not know it. */
const END_SCRIPT = `
if redis.call('HDEL', KEYS[1], ARGV[1]) == 0 then return 0 end
if ARGV[2] == '1' then return redis.call('HINCRBY', KEYS[1], 'failed', 1) end
local taken = redis.call('HINCRBY', KEYS[1], 'taken', -1)
if taken <= 0 then redis.call('DEL', KEYS[1]) end
return taken`

/** Ends that an outage kept from Redis. Beyond that, places stay taken until their window ends. */
const MAX_UNTOLD = 10_000

export function createSharedAttempts(
  ask: SharedScript,
  { limit, windowMs, prefix }: { limit: number; windowMs: number; prefix: string },
): SharedAttempts {
  const endCall = (key: string, place: string, failed: boolean): SharedCall<number> => ({
    script: END_SCRIPT,
    key: prefix + key,
    args: [place, failed ? 1 : 0],
    read: Number,
  })
  const untold = new Set<SharedCall<number>>()

  /** A place that is never given back would shut good users of its network out for the window. */
  async function tell(call: SharedCall<number>): Promise<void> {
    const answer = await ask({ ...call, late: () => untold.delete(call) })
    if (answer === undefined && untold.size < MAX_UNTOLD) untold.add(call)
  }

  /** Redis answers again. */
  function tellAll(): void {
    for (const call of untold) {
      untold.delete(call)
      void tell(call)
    }
  }

  async function begin(key: string): Promise<SharedStanding | undefined> {
    const standing = await ask({
      script: BEGIN_SCRIPT,
      key: prefix + key,
      args: [limit, windowMs, randomUUID()],
      read: toStanding,
      // The attempt went on without this place, which nobody else would give back.
      late: ({ place }) => {
        if (place !== undefined) void tell({ ...endCall(key, place, false), anyway: true })
      },
    })
    if (standing !== undefined) tellAll()
    return standing
  }

  return {
    begin,
    end: (key, place, failed) => tell(endCall(key, place, failed)),
  }
}

function toStanding(answer: unknown): SharedStanding {
  const [taken = 0, failed = 0, resetAfterMs = 0] = countsIn(answer, 3)
  const place: unknown = Array.isArray(answer) ? answer[3] : undefined
  return { taken, failed, resetAfterMs, place: typeof place === 'string' ? place : undefined }
}
