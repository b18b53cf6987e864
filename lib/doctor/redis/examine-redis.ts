import { withDeadline } from '../../core/deadline.js'
import { isLoopbackHostname } from '../../net/network/allowance.js'
import type { RedisClient } from '../../redis/source/client.js'
import { deniedCommands } from '../../redis/denied-commands.js'
import { faultOf, STORE_COMMANDS } from '../../redis/errors.js'
import { createProbe } from '../../revocation/redis/health/probe.js'
import { createServerGuard } from '../../revocation/redis/health/server-guard.js'
import { examine } from '../../revocation/redis/schema/lineage.js'
import { compileSettings, type Settings } from '../../revocation/redis/schema/options.js'
import { finding, type Finding } from '../finding.js'
import { connect } from './connect.js'
import { redisFailed, redisRefused } from './faults.js'

export interface RedisWish {
  readonly url: string
  readonly name: string | undefined
}

/** What the store is made of. @throws TypeError for a URL or a name that it would refuse. */
export function redisSettings({ url, name }: RedisWish): Settings {
  return compileSettings({ redis: url, ...(name !== undefined && { name }), advice: false })
}

/** Looks at Redis as the store does before it believes it, and changes nothing. */
export async function* examineRedis(
  { url }: RedisWish,
  settings: Settings,
): AsyncGenerator<Finding> {
  let connected
  try {
    connected = await connect(settings.opener)
  } catch (error) {
    yield redisFailed('redis', error)
    return
  }
  const { client } = connected
  try {
    yield* transport(new URL(url))
    const allowed = await permissions(client, settings)
    yield allowed
    if (allowed.status === 'failed') return
    yield* told('redis', server(client, settings))
    yield* told('denylist', data(client, settings))
  } finally {
    connected.close()
  }
}

async function* told(check: string, findings: AsyncGenerator<Finding>): AsyncGenerator<Finding> {
  try {
    yield* findings
  } catch (error) {
    yield redisFailed(check, error)
  }
}

/** The same judgement that a store asks for each second: version and eviction. */
async function* server(client: RedisClient, settings: Settings): AsyncGenerator<Finding> {
  const probe = createProbe(settings)
  const from = settings.timer.now()
  const facts = await answered(probe.inspect(client), settings)
  const tookMs = Math.round(settings.timer.now() - from)
  yield finding('redis', 'ok', `Version ${facts.version}, answers in ${tookMs} ms`)
  const { finding: judged } = await answered(
    createServerGuard(probe, settings).inspect(client),
    settings,
  )
  yield judged.kind === 'fine'
    ? finding('eviction', 'ok', `Nothing is evicted: maxmemory-policy ${facts.policy}`)
    : redisRefused('eviction', judged.detail)
  yield facts.appendOnly
    ? finding('persistence', 'ok', 'An append-only file is written')
    : finding('persistence', 'warning', 'No append-only file is written', {
        cause: 'appendonly is no, so that a crash loses what was revoked since the last snapshot.',
        fix: 'Set appendonly to yes. After a loss, tokens issued before it are refused until clients refresh.',
      })
  yield replicasIn(await answered(replication(client), settings))
}

/** On a Cluster, of the node that the client asks. */
async function replication(client: RedisClient): Promise<string> {
  return String(await client.call('info', ['replication']))
}

function replicasIn(info: string): Finding {
  const replicas = Number(/^connected_slaves:(\d+)/m.exec(info)?.[1] ?? 0)
  if (replicas > 0) {
    return finding('replicas', 'ok', `${replicas}; "minReplicas" makes a revocation wait for them`)
  }
  return finding('replicas', 'warning', 'None', {
    cause: 'This Redis stands alone: while it is down, requests that need the denylist are 503.',
    fix: 'Add a replica with Sentinel or a cluster, or use mode: "replicated" to bridge restarts.',
  })
}

function* transport({ protocol, hostname }: URL): Generator<Finding> {
  if (/^(?:rediss|valkeys):$/.test(protocol) || isLoopbackHostname(hostname)) return
  yield finding('redis', 'warning', 'The connection is not encrypted', {
    cause: 'The URL begins with redis://, and Redis is on another machine.',
    fix: 'Use rediss://, unless nobody else can listen in between: the password is sent too.',
  })
}

async function permissions(client: RedisClient, settings: Settings): Promise<Finding> {
  const { lineage, prefix } = settings.keys
  let denied: readonly string[] | undefined
  try {
    denied = await answered(deniedCommands(client, lineage, STORE_COMMANDS), settings)
  } catch (error) {
    const { detail } = faultOf(error)
    return detail.startsWith('NOPERM')
      ? notPermitted(STORE_COMMANDS, prefix)
      : redisRefused('permissions', detail)
  }
  if (denied === undefined) {
    return finding('permissions', 'skipped', 'This Redis cannot tell: version 7 can')
  }
  if (denied.length > 0) return notPermitted(denied, prefix)
  return finding('permissions', 'ok', 'The user may run all that the store needs')
}

function notPermitted(denied: readonly string[], prefix: string): Finding {
  const wanted = denied.map((command) => `+${command}`).join(' ')
  const detail = `The user may not run ${denied.join(', ')} on ${prefix}*`
  return finding('permissions', 'failed', detail, {
    cause: 'The ACL of this user is narrower than the store needs.',
    fix: `Run ACL SETUSER with ${wanted} ~${prefix}*`,
  })
}

async function* data(client: RedisClient, settings: Settings): AsyncGenerator<Finding> {
  const beat = await answered(createProbe(settings).beat(client, undefined), settings)
  const found = examine(undefined, beat)
  if ('position' in found) {
    const { sequence } = found.position
    yield finding('denylist', 'ok', `Whole, after ${sequence} revocations under this name`)
  } else if (found.kind === 'empty') {
    yield finding(
      'denylist',
      'warning',
      `Empty: no store of the name "${settings.name}" was here`,
      {
        cause:
          'It is the first deployment, the name differs from that in the app, or data were lost.',
        fix: 'At the first deployment set onEmpty: "initialize"; else compare --name with the app.',
      },
    )
  } else {
    yield finding('denylist', 'failed', found.detail, {
      cause: 'Redis came back with older data, or another program writes to these keys.',
      fix: 'See docs/revocation.md on data loss; acceptDataLoss() sets a floor by hand.',
    })
  }
}

/** Within the deadline that a check has. */
function answered<T>(asking: Promise<T>, { deadlineMs, timer }: Settings): Promise<T> {
  return withDeadline(asking, deadlineMs, timer)
}
