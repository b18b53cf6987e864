import { DeadlineExceeded } from '../core/deadline.js'
import { messageOf } from '../core/values.js'
import { RedisSourceError } from './opener.js'
import { wordsOf } from './safe-errors.js'

/** What an error of Redis means for us. */
export interface RedisFault {
  /** For people: the name Redis gives it, what it means, what to do. */
  readonly detail: string
  /** True where somebody must change something; else it passes by itself. */
  readonly permanent: boolean
  /** True where another connection could lead to a better server. */
  readonly reconnect: boolean
}

const PASSING = { permanent: false, reconnect: false }
const ELSEWHERE = { permanent: false, reconnect: true }
const PERMANENT = { permanent: true, reconnect: false }

/** What a user of Redis must be allowed. */
// prettier-ignore
export const STORE_COMMANDS: readonly string[] = [
  'mget', 'eval', 'evalsha', 'get', 'set', 'incr', 'type', 'pttl', 'time', 'dbsize', 'exists',
  'persist', 'info', 'wait', 'xadd', 'xinfo', 'xrange', 'xrevrange', 'xread',
]

const ALLOWED = `${allowing(STORE_COMMANDS)} on its keys, and with "fsync" waitaof`

/** As ACL SETUSER takes them. */
export function allowing(commands: readonly string[]): string {
  return commands.map((command) => `+${command}`).join(' ')
}

/** Names what was denied, where Redis does: a list of twenty commands hides the one that is missing. */
function notPermitted(message: string, needed: string): RedisFault {
  const [, command] = /\brun the '([\w|, -]+)' command/.exec(message) ?? []
  const isKey = /\baccess\b.*\bkeys?\b/.test(message)
  const denied = command === undefined ? 'do what the store needs' : `run ${command}`
  return {
    ...PERMANENT,
    detail: `NOPERM: the Redis user may not ${isKey ? 'touch keys of our "name"' : denied}. Allow ${needed}`,
  }
}

const FAULTS: Readonly<Record<string, RedisFault>> = {
  READONLY: {
    ...ELSEWHERE,
    detail:
      'READONLY: connected to a replica, which may lag behind or be demoted. Connect to the master',
  },
  NOREPLICAS: {
    ...ELSEWHERE,
    detail:
      'NOREPLICAS: this master has lost its replicas, so another may have been promoted meanwhile',
  },
  MASTERDOWN: {
    ...ELSEWHERE,
    detail: 'MASTERDOWN: connected to a replica that has lost its master',
  },
  LOADING: { ...PASSING, detail: 'LOADING: Redis is reading its data from disk' },
  BUSY: { ...PASSING, detail: 'BUSY: a script is blocking Redis' },
  OOM: {
    ...PASSING,
    detail: 'OOM: the memory of Redis is full, so nothing more can be revoked. Raise maxmemory',
  },
  MISCONF: {
    ...PASSING,
    detail: 'MISCONF: Redis cannot write to its disk and has stopped to take writes',
  },
  WAITAOF: {
    ...PASSING,
    detail: 'WAITAOF: Redis writes no append-only file, which "fsync" needs. Set appendonly to yes',
  },
  CLUSTERDOWN: { ...PASSING, detail: 'CLUSTERDOWN: the cluster has no master for our slot' },
  TRYAGAIN: { ...PASSING, detail: 'TRYAGAIN: our slot is being moved to another node' },
  ASK: {
    ...PASSING,
    detail: 'ASK: our slot is being moved, and the new node does not take it yet',
  },
  MOVED: { ...PASSING, detail: 'MOVED: the nodes do not agree on which of them has our slot' },
  NOAUTH: {
    ...PERMANENT,
    detail: 'NOAUTH: Redis got no password, or a wrong one. Put the right one into "redis"',
  },
  WRONGPASS: {
    ...PERMANENT,
    detail: 'WRONGPASS: Redis refused the user name or password in "redis"',
  },
  WRONGTYPE: {
    ...PERMANENT,
    detail: 'WRONGTYPE: one of our keys holds something that is not ours',
  },
  NOSCRIPT: { ...PASSING, detail: 'NOSCRIPT: Redis has forgotten a script' },
}

const CODE = /\b[A-Z]{3,}\b/g
/** Where a script may not run a command or touch a key, Redis 7 and Valkey name no code. */
const DENIED_IN_SCRIPT = /\bThe user executing the script can't\b|\bACL failure in script:/
/** Redis 7 does not say which command, and Valkey names the first alone. */
const COMMAND_DENIED_IN_SCRIPT =
  /\bThe user executing the script can't run\b|\bACL failure in script:.* permissions to run\b/

/**
 * By name where Redis gives one: before version 7 it stands in the middle of a script's error.
 *
 * @param needed Whatever a user of Redis must be allowed. @default as a revocation store needs it
 */
export function faultOf(error: unknown, needed: string = ALLOWED): RedisFault {
  const message = wordsOf(error)
  if (error instanceof RedisSourceError) return { ...PERMANENT, detail: message }
  // A connection that went dead without a sign looks the same.
  if (error instanceof DeadlineExceeded) return { ...ELSEWHERE, detail: message }
  if (DENIED_IN_SCRIPT.test(message) || /\bNOPERM\b/.test(message))
    return notPermitted(message, needed)
  for (const [code] of message.matchAll(CODE)) {
    const fault = FAULTS[code]
    if (fault !== undefined) return fault
  }
  return { ...PASSING, detail: message }
}

/** True for the answer of Redis 6 to a script that begins with a shebang. */
export function isOldScriptEngine(error: unknown): boolean {
  return messageOf(error).includes('compiling script')
}

/** True where a script may not run one of its commands, and the error does not name all of these. */
export function isDeniedInScript(error: unknown): boolean {
  return COMMAND_DENIED_IN_SCRIPT.test(messageOf(error))
}
