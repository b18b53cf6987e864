import { setTimeout as wait } from 'node:timers/promises'
import type { TcpProxy } from '../../../tools/tcp-proxy.js'
import type { Scenario } from '../run.js'
import { network, standalone, type Standalone } from './standalone.js'

/** Bytes of one kind vanish for so long; then the connections break. */
function hole(
  which: (stage: Standalone) => readonly TcpProxy[],
  bytes: 'requests' | 'answers' | 'both' = 'both',
): Scenario['prepare'] {
  return standalone(async (stage) => {
    const proxies = which(stage)
    for (const proxy of proxies) proxy.hold(bytes)
    await wait(3000)
    for (const proxy of proxies) {
      proxy.cut()
      proxy.release()
    }
  })
}

export const NETWORK_SCENARIOS: readonly Scenario[] = [
  {
    name: 'connections killed five times',
    naive: 'either',
    prepare: standalone(async ({ admin }) => {
      for (let i = 0; i < 5; i += 1) {
        await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
        await wait(200)
      }
    }),
    recoveryMs: 2000,
  },
  {
    name: 'idle connections closed (timeout 1)',
    naive: 'unhurt',
    prepare: standalone(async ({ admin }) => {
      await admin.config('SET', 'timeout', 1)
      await wait(3500)
    }),
    recoveryMs: 1000,
  },
  { name: 'black hole for 3 s', naive: 'hurt', prepare: hole(network) },
  { name: 'questions vanish for 3 s', naive: 'hurt', prepare: hole(network, 'requests') },
  { name: 'answers vanish for 3 s', naive: 'hurt', prepare: hole(network, 'answers') },
  {
    name: 'black hole for checks and beats alone, 3 s',
    naive: 'hurt',
    prepare: hole(({ proxy }) => [proxy]),
  },
  {
    name: 'black hole for the log alone, 3 s',
    naive: 'unhurt',
    prepare: hole(({ logProxy }) => [logProxy]),
    recoveryMs: 2000,
  },
  {
    name: 'black hole for revocations alone, 3 s',
    naive: 'unhurt',
    prepare: hole(({ writeProxy }) => [writeProxy]),
    recoveryMs: 2000,
  },
  {
    name: 'answers 300 ms late for 2 s',
    naive: 'hurt',
    prepare: standalone(async (stage) => {
      for (const proxy of network(stage)) proxy.delay(150)
      await wait(2000)
      for (const proxy of network(stage)) proxy.delay(0)
    }),
  },
  {
    name: 'answers 0 to 60 ms late, in turn, for 3 s',
    naive: 'either',
    prepare: standalone(async (stage) => {
      for (let i = 0; i < 30; i += 1) {
        for (const proxy of network(stage)) proxy.delay((i * 7) % 31)
        await wait(100)
      }
      for (const proxy of network(stage)) proxy.delay(0)
    }),
    recoveryMs: 2000,
  },
  {
    name: '4 kB a second for 3 s',
    naive: 'hurt',
    prepare: standalone(async (stage) => {
      for (const proxy of network(stage)) proxy.drip(4000)
      await wait(3000)
      for (const proxy of network(stage)) {
        proxy.drip(0)
        // The bytes that have piled up would take minutes.
        proxy.cut()
      }
    }),
  },
  {
    name: 'cut in the middle of an answer, five times',
    naive: 'either',
    prepare: standalone(async (stage) => {
      for (let i = 0; i < 5; i += 1) {
        for (const proxy of network(stage)) proxy.cutNextAnswers()
        await wait(200)
      }
    }),
    recoveryMs: 2000,
  },
]
