import assert from 'node:assert/strict'
import { Redis } from 'ioredis'
import { redisRevocationStore } from '../../dist/redis.js'
import { createKeyNames } from '../../lib/revocation/redis/schema/key-names.js'

export const ISSUER = 'https://id.example.com'

const NAME = 'revocations'
const keys = createKeyNames(NAME, false)
/** With the number of a revocation as its last twelve digits, it looks like any UUID. */
const ID_BEGINS = '00000000-0000-4000-8000-'
/** Few enough that Redis answers in between. */
const PER_SCRIPT = 10_000
const HOUR_MS = 3_600_000
/** Between two revocations, as the log tells it: five million in ten hours. */
const SPACING_MS = 7

/**
 * What REVOKE leaves behind, for the revocations from ARGV[1] to ARGV[2], and faster than one call
 * each. KEYS sequence, log. ARGV first, last, prefix of keys, name of a token without its number,
 * earliest end (ms), time of revocation 0 (ms), ms between two.
 */
const GENERATE = `
local first, last = tonumber(ARGV[1]), tonumber(ARGV[2])
for n = first, last do
  local name = ARGV[4] .. string.format('%012x', n)
  local forgetAt = string.format('%.0f', tonumber(ARGV[5]) + n * 7919 % ${20 * HOUR_MS})
  redis.call('SET', ARGV[3] .. name, '1', 'PXAT', forgetAt)
  local id = string.format('%.0f-0', tonumber(ARGV[6]) + n * tonumber(ARGV[7]))
  redis.call('XADD', KEYS[2], id, 'n', n, 'k', name, 'v', '1', 'e', forgetAt)
end
if last >= first then redis.call('SET', KEYS[1], string.format('%.0f', last)) end`

/** The id of the revoked token with this number; 0 is never revoked. */
export function tokenId(number) {
  return ID_BEGINS + number.toString(16).padStart(12, '0')
}

/** A Redis whose data a store began, to be filled with so many revocations. */
export async function openFilling(redisUrl, size) {
  const store = redisRevocationStore({ redis: redisUrl, onEmpty: 'initialize' })
  await store.ready()
  await store.close()
  const redis = new Redis(redisUrl)
  const beginsMs = Date.now() - SPACING_MS * size
  const name = keys.entry('token', ISSUER, ID_BEGINS).slice(keys.prefix.length)

  async function generate(first, last) {
    const end = Date.now() + HOUR_MS
    const rest = [keys.prefix, name, end, beginsMs, SPACING_MS]
    await redis.eval(GENERATE, 2, keys.sequence, keys.log, first, last, ...rest)
  }

  async function usedMemory() {
    return Number(/used_memory:(\d+)/.exec(await redis.info('memory'))[1])
  }

  // The script itself takes memory too.
  await generate(1, 0)
  const empty = await usedMemory()
  return {
    async fill() {
      for (let done = 0; done < size; done += PER_SCRIPT) {
        await generate(done + 1, Math.min(size, done + PER_SCRIPT))
      }
    },
    /** Bytes in Redis, the log included. */
    bytes: async () => (await usedMemory()) - empty,
    /** Throws where a revocation of the store's own differs from a generated one in form. */
    async compareWith(another) {
      const expiresAt = Date.now() / 1000 + 3600
      await another.revokeToken({ issuer: ISSUER, tokenId: tokenId(size + 1), expiresAt })
      const [own, generated] = await redis.xrevrange(keys.log, '+', '-', 'COUNT', 2)
      assert.deepEqual(await formOf(redis, own, size + 1), await formOf(redis, generated, size))
    },
    close: () => redis.disconnect(),
  }
}

/** What two revocations have in common, whatever their number and time. */
async function formOf(redis, [, fields], number) {
  const [n, sequence, k, name, v, value, e, until] = fields
  const key = keys.entry('token', ISSUER, tokenId(number))
  return {
    fields: [n, k, v, e].join(),
    numbered: Number(sequence) === number,
    named: keys.prefix + name === key,
    value,
    digits: until.length,
    held: await redis.get(key),
    encoding: await redis.object('ENCODING', key),
    endsWithKey: Number(until) === Number(await redis.pexpiretime(key)),
  }
}
