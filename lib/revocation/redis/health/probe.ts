import { randomUUID } from 'node:crypto'
import type { RedisClient } from '../../../redis/source/client.js'
import type { Observation, Position } from '../schema/lineage.js'
import type { Settings } from '../schema/options.js'
import { isOldScriptEngine } from '../../../redis/errors.js'
import { runScript } from '../../../redis/scripts.js'
import { INSPECT, serverFactsOf, type ServerFacts } from '../../../redis/server-facts.js'
import { ADOPT, BEAT, BEAT_FOR_REDIS_6, PROVING_WRITE } from '../schema/scripts.js'

export interface Beat extends Observation {
  readonly lastEntry: string | undefined
  /** Time of the server, in ms. */
  readonly serverTimeMs: number
}

/** Questions to the server that user traffic never asks. */
export interface Probe {
  beat(client: RedisClient, witness: string | undefined): Promise<Beat>
  inspect(client: RedisClient): Promise<ServerFacts>
  /** Begins a lineage instead of `expected`; without effect where another process did. */
  adopt(
    client: RedisClient,
    expected: string | undefined,
    floor: boolean,
    known: Position | undefined,
  ): Promise<void>
}

export function createProbe({ keys, lifetimes, minReplicas, clock }: Settings): Probe {
  const dataKeys = [keys.lineage, keys.sequence, keys.log]
  let isRedis6 = false

  async function ask(client: RedisClient, witness: string | undefined): Promise<unknown> {
    if (isRedis6) await client.call(PROVING_WRITE, [keys.heartbeat])
    const script = isRedis6 ? BEAT_FOR_REDIS_6 : BEAT
    return runScript(client, script, [...dataKeys, keys.heartbeat], [witness ?? '', minReplicas])
  }

  return {
    async beat(client, witness) {
      try {
        return parseBeat(await ask(client, witness), minReplicas)
      } catch (error) {
        if (isRedis6 || !isOldScriptEngine(error)) throw error
        isRedis6 = true
        return parseBeat(await ask(client, witness), minReplicas)
      }
    },
    async inspect(client) {
      return serverFactsOf(await runScript(client, INSPECT, [keys.lineage]))
    },
    async adopt(client, expected, floor, known) {
      await runScript(client, ADOPT, dataKeys, [
        expected ?? '',
        randomUUID(),
        floor ? lifetimes.tolerances.of(undefined) : '-',
        Math.floor(clock() * 1000),
        (known?.lineage.generation ?? 0) + 1,
        known?.sequence ?? 0,
      ])
    },
  }
}

function parseBeat(reply: unknown, minReplicas: number): Beat {
  if (!Array.isArray(reply) || reply.length !== 7) throw new Error('Redis answered a beat oddly')
  const [lineage, sequence, witnessed, lastEntry, logged, serverTimeMs, replicas] =
    reply.map(String)
  if (!(Number(replicas) >= minReplicas)) {
    throw new Error(`NOREPLICAS: ${replicas} of ${minReplicas} replicas follow this master`)
  }
  return {
    lineage: lineage === '' ? undefined : lineage,
    sequence: sequence === '' ? undefined : sequence,
    witnessed: witnessed !== '0',
    lastEntry: lastEntry === '' ? undefined : lastEntry,
    logged: logged === '-1' ? undefined : Number(logged),
    serverTimeMs: Number(serverTimeMs),
  }
}
