import { CLUSTER_SCENARIOS } from '../rows/cluster.js'
import { DATA_SCENARIOS } from '../rows/data.js'
import { NETWORK_SCENARIOS } from '../rows/network.js'
import { REFUSAL_SCENARIOS } from '../rows/refusals.js'
import { SENTINEL_SCENARIOS } from '../rows/sentinel.js'
import type { LoginScenario } from './run.js'

const ALL = [
  ...DATA_SCENARIOS,
  ...NETWORK_SCENARIOS,
  ...REFUSAL_SCENARIOS,
  ...SENTINEL_SCENARIOS,
  ...CLUSTER_SCENARIOS,
]

function played(logins: LoginScenario['logins'], names: readonly string[]): LoginScenario[] {
  return names.map((name) => {
    const fault = ALL.find((one) => one.name === name)
    if (fault === undefined) throw new Error(`There is no fault "${name}"`)
    return { fault, logins }
  })
}

/** Faults that revocations suffer too, played on logins. */
export const LOGIN_SCENARIOS: readonly LoginScenario[] = [
  ...played('kept', [
    'paused for 3 s',
    'killed, append-only file complete',
    'connections killed five times',
    'black hole for 3 s',
    'questions vanish for 3 s',
    'answers vanish for 3 s',
    'answers 300 ms late for 2 s',
    'cut in the middle of an answer, five times',
    'memory full at once, no eviction (OOM)',
    'a script blocks it for 2 s (BUSY)',
    'made a replica for 2 s (READONLY)',
    'scripts forgotten five times (NOSCRIPT)',
    'Sentinel: all Sentinels dead for 3 s, connections lost meanwhile',
    'Cluster: failover by hand',
    'Cluster: another shard killed',
  ]),
  ...played('may end', [
    'killed, restarts empty',
    'killed, restarts from an older backup',
    'power lost, append-only file lacks its last second',
    'FLUSHALL',
    'Sentinel: master killed',
    'Sentinel: failover that loses confirmed writes',
    'Sentinel: split brain, minReplicas 1 and min-replicas-to-write 1',
    'Cluster: master of our shard killed',
    'Cluster: master of our shard paused for 6 s',
    'Cluster: master of our shard restarts empty',
  ]),
]
