import { beforeEach, describe, expect, it } from '@jest/globals'
import { INSPECT } from '../../../../lib/redis/server-facts.js'
import type { ClientOpener } from '../../../../lib/redis/source/client.js'
import { createHealth, type Health } from '../../../../lib/revocation/redis/health/health.js'
import { parseLineage, type Position } from '../../../../lib/revocation/redis/schema/lineage.js'
import { ADOPT } from '../../../../lib/revocation/redis/schema/scripts.js'
import { RevocationUnavailable } from '../../../../lib/revocation/store.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'
import { scriptedRedis, settingsOver, type ScriptedRedis } from '../../../support/scripted-redis.js'

const OLD = 'v1:1000000:first:-:0:0'
const NEW = 'v1:2000000:second:2000:5:5'
const HEALTHY = 'redis_version:7.2.4\nrun_id:a\nmaxmemory_policy:noeviction\naof_enabled:1'
/** A quarter of the bound of staleness. */
const BEAT_MS = 250

let timer: ManualTimer
let redis: ScriptedRedis
let info: string
/** What beats find, the last of them again and again. */
let found: (() => unknown)[]
let told: [state: string, detail: string | undefined][]
let proofs: unknown[]
let health: Health

const whole = (lineage: string, sequence: number): (() => unknown) => {
  return () => [lineage, String(sequence), 1, '', sequence, 1_000_000_000, 0]
}
const GONE = (): unknown => ['', '9', 1, '', 9, 1_000_000_000, 0]
/** What the next beat finds is said later. */
function answerLater(): (reply: unknown) => void {
  const waiting: ((reply: unknown) => void)[] = []
  found = [() => new Promise((resolve) => void waiting.push(resolve))]
  return (reply) => waiting[0]!(reply)
}
const hanging = (): unknown => new Promise(() => undefined)
const failing = (words: string) => () => Promise.reject(new Error(words))

beforeEach(() => {
  timer = manualTimer()
  info = HEALTHY
  found = [whole(OLD, 5)]
  told = []
  proofs = []
  redis = scriptedRedis((_command, [sha1]) => {
    if (sha1 === INSPECT.sha1) return info
    if (sha1 === ADOPT.sha1) return 1
    return (found.length > 1 ? found.shift()! : found[0]!)()
  })
})

async function begin(
  options: Parameters<typeof settingsOver>[2] = {},
  opener: ClientOpener = redis,
): Promise<void> {
  health = createHealth(settingsOver(opener, timer, options), {
    onBeat: (proof) => proofs.push(proof),
    onState: (state, detail) => told.push([state, detail]),
  })
  await settle()
  await settle()
}

const position = (sequence: number, lineage = OLD): Position => ({
  lineage: parseLineage(lineage)!,
  sequence,
})
/** What Redis was asked by beats, but for looks at the server. */
const beats = (): number =>
  redis.calls.filter(([, sha1]) => sha1 !== INSPECT.sha1 && sha1 !== ADOPT.sha1).length
const inspections = (): number => redis.calls.filter(([, sha1]) => sha1 === INSPECT.sha1).length

const wordsOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'done',
    (error: Error) => error.message,
  )

describe('a store whose data are whole', () => {
  it('is fresh after its first beat, and tells of the beat before the state', async () => {
    await begin()
    expect(health.isFresh()).toBe(true)
    expect(health).toMatchObject({ state: 'ready', detail: undefined, client: redis.client })
    expect(health.position).toMatchObject({ sequence: 5 })
    expect(proofs[0]).toMatchObject({ position: { sequence: 5 }, sentAt: timer.now() })
    expect(told).toEqual([
      ['verifying', 'connected, but nothing is proven yet'],
      ['ready', undefined],
    ])
  })

  it('is looked at four times in the bound of staleness', async () => {
    await begin()
    const first = beats()
    await timer.advance(BEAT_MS - 1)
    expect(beats()).toBe(first)
    await timer.advance(1)
    expect(beats()).toBe(first + 1)
    await timer.advance(3 * BEAT_MS)
    expect(beats()).toBe(first + 4)
    expect(health.isFresh()).toBe(true)
  })

  it('is looked at by one beat, for whoever asks for one meanwhile', async () => {
    await begin()
    const first = beats()
    await Promise.all([health.beat(), health.beat()])
    expect(beats()).toBe(first + 1)
  })

  it('says what keeps revocations off the disk, and answers checks all the same', async () => {
    await begin({ fsync: true })
    info = HEALTHY.replace('aof_enabled:1', 'aof_enabled:0')
    await timer.advance(1000)
    expect(health.isFresh()).toBe(true)
    expect(health.detail).toMatch(/Set appendonly to yes/)
  })

  it('is never further back than it was, nor than our own revocations', async () => {
    await begin()
    health.advance(position(9))
    health.advance(position(7))
    expect(health.position).toMatchObject({ sequence: 9 })
    found = [whole(OLD, 8)]
    await health.beat()
    expect(health.position).toMatchObject({ sequence: 9 })
  })
})

describe('a Redis in doubt', () => {
  it.each([
    ['half a second', {}, 500],
    ['the deadline of checks', { deadlineMs: 800 }, 800],
    ['the time between beats', { stalenessBoundMs: 4000 }, 1000],
  ])('is down where a beat is not answered within %s', async (_name, options, deadlineMs) => {
    await begin(options)
    found = [hanging]
    void health.beat()
    await timer.advance(deadlineMs - 1)
    expect(told.at(-1)).toEqual(['ready', undefined])
    await timer.advance(1)
    expect(told.at(-1)).toEqual(['down', `No answer within ${deadlineMs} ms`])
    expect(health.isFresh()).toBe(false)
  })

  it('is connected to anew where it does not answer, once the connection has had a second', async () => {
    await begin()
    found = [hanging]
    await timer.advance(BEAT_MS + 500)
    expect(health.state).toBe('down')
    expect(redis.count.closed).toBe(0)
    await timer.advance(BEAT_MS + 500)
    expect(redis.count.closed).toBe(1)
  })

  it('keeps its connection where it says what is wrong, and is believed again by the next beat', async () => {
    await begin()
    found = [failing('LOADING Redis is loading the dataset in memory')]
    await timer.advance(2000)
    expect(told.at(-1)).toEqual(['down', 'LOADING: Redis is reading its data from disk'])
    expect(redis.count.closed).toBe(0)
    found = [whole(OLD, 5)]
    await timer.advance(BEAT_MS)
    expect(health.state).toBe('ready')
  })

  it('is refused where only a person can help', async () => {
    found = [failing('NOAUTH Authentication required.')]
    await begin()
    expect(health.state).toBe('refused')
    expect(await wordsOf(health.ready())).toMatch(/^The revocation store is refused: NOAUTH/)
  })

  it('is waited for at the start alone', async () => {
    await begin()
    found = [failing('LOADING')]
    await health.beat()
    const error = await health.started().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(RevocationUnavailable)
    expect(health.unavailable().message).toMatch(/store is down: LOADING/)
  })
})

describe('a connection', () => {
  it('that is lost is an outage at once, and over by the beat after the next', async () => {
    await begin()
    redis.fire('close')
    expect(told.at(-1)).toEqual(['down', 'the connection was closed'])
    expect(health.client).toBeUndefined()
    await timer.advance(BEAT_MS)
    expect(health.state).toBe('down')
    redis.fire('ready')
    expect(told.at(-1)).toEqual(['verifying', 'connected, but nothing is proven yet'])
    await settle()
    expect(health.isFresh()).toBe(true)
  })

  it('may lead to another server, which is looked at anew', async () => {
    await begin()
    const before = inspections()
    redis.fire('close')
    redis.fire('ready')
    await settle()
    expect(inspections()).toBe(before + 1)
  })

  it('that is gone proves nothing by what still comes over it', async () => {
    await begin()
    const answer = answerLater()
    void health.beat()
    await settle()
    redis.fire('close')
    proofs = []
    answer(whole(OLD, 6)())
    await settle()
    expect(proofs).toEqual([])
    expect(health).toMatchObject({ state: 'down', position: { sequence: 5 } })
  })

  it('that is only under way is no outage for a second', async () => {
    await begin({}, { open: hanging as ClientOpener['open'] })
    await timer.advance(1000)
    expect(told).toEqual([])
    await timer.advance(BEAT_MS)
    expect(told).toEqual([['down', 'no connection within 1000 ms']])
  })

  it('that cannot be made is told of at once, with the reason, while the start waits on', async () => {
    const openings = [() => Promise.reject(new Error('no way')), () => redis.open()]
    await begin({}, { open: () => openings.shift()!() })
    expect(told).toEqual([['down', 'no way']])
    const started = wordsOf(health.started())
    await timer.advance(1000)
    expect(await started).toBe('done')
  })
})

describe('what a check has read', () => {
  it('is believed where it goes on from what was known, and moves that on', async () => {
    await begin()
    const seen = health.examine(position(5), { lineage: OLD, sequence: '6' })
    expect(seen).toMatchObject({ kind: 'intact', position: { sequence: 6 } })
    expect(health.position).toMatchObject({ sequence: 6 })
    // Answers may be handled in another order than they were given.
    health.examine(position(5), { lineage: OLD, sequence: '5' })
    expect(health.position).toMatchObject({ sequence: 6 })
  })

  it('is believed where a later lineage covers what was lost', async () => {
    await begin()
    const seen = health.examine(position(5), { lineage: NEW, sequence: '5' })
    expect(seen).toMatchObject({ kind: 'replaced', position: { lineage: { record: NEW } } })
    expect(health.position!.lineage.record).toBe(NEW)
    expect(health.isFresh()).toBe(true)
  })

  it.each([
    ['other data', { lineage: OLD, sequence: '4' }, 'a check found other data than those known'],
    ['nothing', { lineage: undefined, sequence: '5' }, 'a check found other data than those known'],
    [
      'data of a newer version',
      { lineage: 'v9', sequence: '5' },
      /^the lineage record has a format/,
    ],
  ])('is not believed where it is %s, and a beat looks at once', async (_name, seen, detail) => {
    await begin()
    const before = beats()
    expect(health.examine(position(5), seen)).toBeUndefined()
    expect(health).toMatchObject({ state: 'verifying', position: { sequence: 5 } })
    expect(health.detail).toMatch(detail)
    await settle()
    expect(beats()).toBe(before + 1)
    expect(health.state).toBe('ready')
  })
})

describe('a loss', () => {
  it('is told of before the service goes on behind a floor', async () => {
    await begin()
    found = [GONE, whole(NEW, 9)]
    await health.beat()
    expect(told.slice(2)).toEqual([
      ['lost', 'revocations were lost: the lineage is gone'],
      ['ready', undefined],
    ])
    expect(health.position).toMatchObject({ lineage: { record: NEW }, sequence: 9 })
  })

  it('is an outage until a person accepts it, where that is asked for', async () => {
    found = [GONE, GONE, whole(NEW, 9)]
    await begin({ onDataLoss: 'refuse' })
    expect(health.state).toBe('lost')
    expect(await wordsOf(health.ready())).toMatch(
      /store is lost: revocations were lost: there are data without a lineage/,
    )
    found = [GONE, whole(NEW, 9)]
    expect(await wordsOf(health.acceptDataLoss())).toBe('done')
    expect(health.isFresh()).toBe(true)
    // The next one is another.
    found = [GONE, whole('v1:3000000:third:3000:9:9', 9)]
    await health.beat()
    expect(health.state).toBe('lost')
  })

  it('is accepted by a beat that began after the person said so', async () => {
    await begin({ onDataLoss: 'refuse' })
    const answer = answerLater()
    found.push(GONE, whole(NEW, 9))
    void health.beat()
    await settle()
    const accepted = wordsOf(health.acceptDataLoss())
    answer(GONE())
    expect(await accepted).toBe('done')
    expect(health.isFresh()).toBe(true)
  })

  it('is not accepted where Redis does not answer', async () => {
    await begin({ onDataLoss: 'refuse' })
    found = [failing('LOADING')]
    expect(await wordsOf(health.acceptDataLoss())).toMatch(/store is down: LOADING/)
  })
})

describe('a store that is closed', () => {
  it('says so, beats no more and gives up its connection', async () => {
    await begin()
    const before = beats()
    health.close()
    expect(told.at(-1)).toEqual(['closed', 'it was closed'])
    expect(redis.count.closed).toBe(1)
    await timer.advance(5000)
    expect(beats()).toBe(before)
    expect(timer.pending()).toBe(0)
    expect(await wordsOf(health.ready())).toBe('The revocation store is closed: it was closed')
  })
})
