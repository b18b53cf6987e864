import { randomUUID } from 'node:crypto'
import { countsIn, type SharedCall, type SharedScript } from '../http/throttle/shared-script.js'

/** How a key stands with all processes together. */
export interface SharedStanding {
  readonly taken: number
  readonly failed: number
  readonly resetAfterMs: number
  /** The window in which a place was taken; undefined where there was none. */
  readonly window: string | undefined
}

/** Takes places for attempts in Redis. Undefined where it does not answer; never rejects. */
export interface SharedAttempts {
  begin(key: string): Promise<SharedStanding | undefined>
  end(key: string, window: string, failed: boolean): Promise<void>
}

/**
 * Takes a place where one is left, in one step, so that no two processes take the same. A process
 * that dies gives none back: its attempts count as failures until the window ends.
 */
const BEGIN_SCRIPT = `
local limit, length, name = tonumber(ARGV[1]), ARGV[2], ARGV[3]
local window = redis.call('HGET', KEYS[1], 'window')
local left = redis.call('PTTL', KEYS[1])
if not window or left < 0 then
  redis.call('DEL', KEYS[1])
  redis.call('HSET', KEYS[1], 'window', name, 'taken', 0, 'failed', 0)
  redis.call('PEXPIRE', KEYS[1], length)
  window, left = name, tonumber(length)
end
local taken = tonumber(redis.call('HGET', KEYS[1], 'taken'))
local failed = tonumber(redis.call('HGET', KEYS[1], 'failed'))
if taken >= limit then return { taken, failed, left } end
return { redis.call('HINCRBY', KEYS[1], 'taken', 1), failed, left, window }`

/** An attempt of a window that is over changes nothing in the next one. */
const END_SCRIPT = `
if redis.call('HGET', KEYS[1], 'window') ~= ARGV[1] then return 0 end
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
  const endCall = (key: string, window: string, failed: boolean): SharedCall<number> => ({
    script: END_SCRIPT,
    key: prefix + key,
    args: [window, failed ? 1 : 0],
    read: Number,
  })
  const untold = new Set<SharedCall<number>>()

  /** A place that is never given back would shut good users of its network out for the window. */
  async function tell(call: SharedCall<number>): Promise<void> {
    const answer = await ask({ ...call, late: () => untold.delete(call) })
    if (answer === undefined && untold.size < MAX_UNTOLD) untold.add(call)
  }

  /** Redis answers again. What it had done before, it has said by now. */
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
      late: ({ window }) => {
        if (window !== undefined) void tell({ ...endCall(key, window, false), anyway: true })
      },
    })
    if (standing !== undefined) tellAll()
    return standing
  }

  return {
    begin,
    end: (key, window, failed) => tell(endCall(key, window, failed)),
  }
}

function toStanding(answer: unknown): SharedStanding {
  const [taken = 0, failed = 0, resetAfterMs = 0] = countsIn(answer, 3)
  const window: unknown = Array.isArray(answer) ? answer[3] : undefined
  return { taken, failed, resetAfterMs, window: typeof window === 'string' ? window : undefined }
}
