import { memoryRevocationStore, type AuthEvent, type RevocationStore } from '../../lib/index.js'
import { redisRevocationStore } from '../../lib/redis.js'
import { freePort } from '../../lib/testing/free-port.js'
import { createApi } from './api.js'
import { serve } from './http.js'
import { startProvider, type DemoProvider } from './provider.js'
import { openRedis, type DemoRedis } from './redis.js'

/** Everything that runs in the demo. */
export interface Stage {
  readonly provider: DemoProvider
  readonly redis: DemoRedis | undefined
  /** Where the API is. */
  readonly api: string
  /** Starts a second instance of the API, which knows no keys yet, and tells where it is. */
  startSecondApi(): Promise<string>
  close(): Promise<void>
}

/** @param apiPort Where to serve the API, if that port is free. */
export async function openStage(
  apiPort: number,
  onEvent: (event: AuthEvent) => void,
): Promise<Stage> {
  const closers: (() => Promise<void>)[] = []
  const opened = <T extends { close(): Promise<void> }>(part: T): T => {
    closers.unshift(() => part.close())
    return part
  }

  async function startApi(issuer: string, port = 0): Promise<string> {
    const app = createApi({ issuer, revocations, onEvent })
    return opened(await serve(app, port)).url
  }

  const redis = await openRedis()
  if (redis !== undefined) opened(redis)
  const revocations = opened(openStore(redis))
  await revocations.ready()
  const provider = opened(await startProvider({ port: await freePort() }))
  const api = await startApi(provider.issuer, apiPort)
  provider.registerLogoutUri(`${api}/back-channel-logout`)
  return {
    provider,
    redis,
    api,
    startSecondApi: () => startApi(provider.issuer),
    async close() {
      for (const close of closers) await close()
    },
  }
}

function openStore(redis: DemoRedis | undefined): RevocationStore {
  if (redis === undefined) return memoryRevocationStore()
  return redisRevocationStore({
    redis: redis.url,
    name: 'express-resource-server-demo',
    // An empty Redis is no news in a demo: nothing was ever revoked in it.
    onEmpty: 'initialize',
    // The issuer and Redis share this machine's clock, and a floor reaches as far into the future.
    clockToleranceSeconds: 1,
  })
}
