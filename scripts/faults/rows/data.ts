import { stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { Scenario } from '../run.js'
import { STORE_NAMES } from '../tokens.js'
import { standalone } from './standalone.js'

const keysNamed = (name: string): string[] =>
  Object.values(STORE_NAMES).map((store) => `{${store}}:${name}`)

const APPEND_ONLY = ['--appendonly', 'yes', '--appendfsync', 'always']
const APPEND_EACH_SECOND = ['--appendonly', 'yes', '--appendfsync', 'everysec']

async function appendOnlyFile(admin: Redis): Promise<string> {
  const [, folder] = (await admin.config('GET', 'dir')) as [string, string]
  return join(folder, 'appendonlydir', 'appendonly.aof.1.incr.aof')
}

/** The process ends, or its data do. */
export const DATA_SCENARIOS: readonly Scenario[] = [
  {
    name: 'paused for 3 s',
    naive: 'hurt',
    prepare: standalone(async ({ redis }) => {
      redis.pause()
      await wait(3000)
      redis.resume()
    }),
  },
  {
    name: 'paused for 1 s',
    naive: 'hurt',
    short: true,
    prepare: standalone(async ({ redis }) => {
      redis.pause()
      await wait(1000)
      redis.resume()
    }),
    recoveryMs: 1500,
  },
  {
    name: 'killed, restarts empty',
    naive: 'hurt',
    short: true,
    prepare: standalone(async ({ redis }) => {
      await redis.kill()
      await wait(300)
      await redis.restart()
    }),
    recoveryMs: 1500,
  },
  {
    name: 'killed, restarts from an older backup',
    naive: 'hurt',
    prepare: standalone(async ({ redis, admin }) => {
      await admin.save()
      await wait(1500)
      await redis.restart()
    }),
  },
  {
    name: 'killed, append-only file complete',
    naive: 'either',
    prepare: standalone(
      async ({ redis }) => {
        await redis.kill()
        await wait(500)
        await redis.restart()
      },
      { settings: APPEND_ONLY },
    ),
  },
  {
    name: 'power lost, append-only file lacks its last second',
    naive: 'hurt',
    prepare: standalone(
      async ({ redis, admin }) => {
        const file = await appendOnlyFile(admin)
        const { size } = await stat(file)
        await wait(1000)
        await redis.kill()
        await truncate(file, size)
        await redis.restart()
      },
      { settings: APPEND_EACH_SECOND },
    ),
  },
  {
    name: 'FLUSHALL',
    naive: 'hurt',
    short: true,
    prepare: standalone(({ admin }) => admin.flushall()),
    recoveryMs: 1500,
  },
  {
    name: 'another database swapped in',
    naive: 'hurt',
    prepare: standalone(({ admin }) => admin.swapdb(0, 1)),
  },
  {
    name: 'API processes started on the wrong database',
    naive: 'hurt',
    prepare: standalone(() => wait(1000), { wrongDatabase: 1 }),
    limit:
      'Tokens issued before the processes started are refused (a floor). Nothing tells them of other revocations.',
    recoveryMs: 1000,
  },
  {
    name: 'the log deleted',
    naive: 'unhurt',
    prepare: standalone(({ admin }) => admin.del(keysNamed('log'))),
  },
  {
    name: 'the lineage and the sequence deleted',
    naive: 'unhurt',
    prepare: standalone(({ admin }) => admin.del([...keysNamed('lin'), ...keysNamed('seq')])),
  },
  {
    name: 'the lineage deleted',
    naive: 'unhurt',
    prepare: standalone(({ admin }) => admin.del(keysNamed('lin'))),
    recoveryMs: 2000,
  },
  {
    name: 'the sequence deleted',
    naive: 'unhurt',
    prepare: standalone(({ admin }) => admin.del(keysNamed('seq'))),
    recoveryMs: 2000,
  },
  {
    name: 'entries of tokens deleted one by one',
    naive: 'hurt',
    prepare: standalone(async ({ admin }, field) => {
      field.limit(['strict'])
      const entries = await admin.keys('*:j:*')
      await admin.del([...entries, ...(await admin.keys('{naive-3}:*'))])
    }),
    limit: 'A single entry deleted by hand leaves no trace in strict mode.',
  },
]
