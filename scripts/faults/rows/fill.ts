import type { Redis } from 'ioredis'
import { createKeyNames } from '../../../lib/revocation/redis/schema/key-names.js'
import { openStore } from '../store.js'
import { storeConnections } from '../protocol.js'
import { revocableToken, STORE_NAMES } from '../tokens.js'

/** Few enough that Redis answers in between. */
const PER_SCRIPT = 10_000

/** What REVOKE leaves behind for token after token. KEYS sequence, log. */
const REVOCATIONS = `
local first, last = tonumber(ARGV[1]), tonumber(ARGV[2])
for n = first, last do
  local name = ARGV[4] .. n
  redis.call('SET', ARGV[3] .. name, '1', 'PXAT', ARGV[5])
  redis.call('XADD', KEYS[2], '*', 'n', n, 'k', name, 'v', '1', 'e', ARGV[5])
end
redis.call('SET', KEYS[1], last)`

const OTHER_KEYS = `
for n = tonumber(ARGV[1]), tonumber(ARGV[2]) do redis.call('SET', 'other-' .. n, n) end`

const DAY_MS = 86_400_000

/** As if so many tokens had been revoked before any process started, in the replicated store. */
export async function fillWithRevocations(
  admin: Redis,
  port: number,
  count: number,
): Promise<void> {
  const target = { kind: 'standalone', port } as const
  const store = openStore('replicated', target, storeConnections(target), { follows: false })
  await store.ready()
  await store.close()
  const keys = createKeyNames(STORE_NAMES.replicated, false)
  const name = keys.entry('token', revocableToken(0).issuer, 'before-').slice(keys.prefix.length)
  await inParts(count, (first, last) =>
    admin.eval(
      REVOCATIONS,
      2,
      keys.sequence,
      keys.log,
      first,
      last,
      keys.prefix,
      name,
      Date.now() + DAY_MS,
    ),
  )
}

export async function fillWithOtherKeys(admin: Redis, count: number): Promise<void> {
  await inParts(count, (first, last) => admin.eval(OTHER_KEYS, 0, first, last))
}

async function inParts(
  count: number,
  part: (first: number, last: number) => Promise<unknown>,
): Promise<void> {
  for (let done = 0; done < count; done += PER_SCRIPT) {
    await part(done + 1, Math.min(count, done + PER_SCRIPT))
  }
}
