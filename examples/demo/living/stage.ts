import { memoryRevocationStore, type RevocationStore } from '../../../lib/index.js'
import { redisRevocationStore } from '../../../lib/redis.js'
import { serve } from '../http.js'
import { startProvider, type DemoProvider } from '../provider.js'
import { openRedis } from '../redis.js'
import { attackerPages, type Attackers } from './attackers.js'
import { openHub, type Hub } from './hub.js'
import { listen, portOr } from './listen.js'
import { PAGE_CLIENT } from './login.js'
import { openLine, type RedisLine } from './redis-line.js'
import { openSite } from './site.js'

/** All that runs behind the page. */
export interface LivingStage {
  readonly origin: string
  readonly provider: DemoProvider
  readonly revocations: RevocationStore
  readonly redis: RedisLine | undefined
  readonly redisDescription: string
  readonly hub: Hub
  readonly attackers: Attackers
}

export interface LivingDemo extends LivingStage {
  close(): Promise<void>
}

/** Ports that are tried first. */
export interface WantedPorts {
  readonly page: number
  readonly issuer: number
  readonly evil: number
  readonly sibling: number
}

/** How long tokens live: long enough to play, short enough to see one end. */
const TOKEN_SECONDS = 120

export async function openLivingDemo(wanted: WantedPorts): Promise<LivingDemo> {
  const closers: (() => Promise<void> | void)[] = []
  const opened = <Part extends { close(): Promise<void> | void }>(part: Part): Part => {
    closers.unshift(() => part.close())
    return part
  }
  async function close(): Promise<void> {
    for (const closePart of closers.splice(0)) await closePart()
  }

  try {
    const hub = opened(openHub())
    const server = await openRedis()
    if (server !== undefined) opened(server)
    const redis = server && opened(await openLine(server.url))
    const revocations = opened(openStore(redis))
    await revocations.ready()
    const page = await portOr(wanted.page)
    const origin = `http://localhost:${page}`
    const provider = opened(
      await startProvider({
        port: await portOr(wanted.issuer),
        resource: `${origin}/mcp`,
        userTokenSeconds: TOKEN_SECONDS,
        clients: [
          {
            client_id: PAGE_CLIENT,
            client_name: 'Notes, the living page',
            application_type: 'native',
            token_endpoint_auth_method: 'none',
            grant_types: ['authorization_code', 'refresh_token'],
            redirect_uris: [`${origin}/callback`],
            post_logout_redirect_uris: [`${origin}/`],
            backchannel_logout_uri: `http://127.0.0.1:${page}/back-channel-logout`,
            backchannel_logout_session_required: true,
          },
        ],
      }),
    )
    const redisDescription =
      server?.description ?? 'in memory: no redis-server is on PATH, and REDIS_URL is not set'
    const pages = attackerPages(origin)
    const evil = opened(await listen(pages, wanted.evil))
    const sibling = opened(await listen(pages, wanted.sibling))
    const attackers = {
      evil: evil.url.replace('127.0.0.1', 'evil.localhost'),
      sibling: sibling.url.replace('127.0.0.1', 'localhost'),
    }
    const stage = { origin, provider, revocations, redis, redisDescription, hub, attackers }
    hub.tell({ type: 'state', redis: redis === undefined ? 'absent' : 'well' })
    opened(await serve(openSite(stage), page))
    return { ...stage, close }
  } catch (error) {
    await close()
    throw error
  }
}

function openStore(redis: RedisLine | undefined): RevocationStore {
  if (redis === undefined) return memoryRevocationStore()
  return redisRevocationStore({
    redis: redis.url,
    name: 'express-resource-server-page',
    // An empty Redis is no news in a demo: nothing was ever revoked in it.
    onEmpty: 'initialize',
    clockToleranceSeconds: 1,
  })
}
