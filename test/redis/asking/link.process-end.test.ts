import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { startRedis, type RedisServer } from '../../../tools/redis-server.js'
import { compiled } from '../../../tools/typescript-process.js'

const FOLDER = 'test/support/left-open'
let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis()
})

afterAll(async () => {
  await redis.stop()
})

/** Null where it did not end by itself. */
async function run(...args: readonly string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, REDIS_URL: redis.url, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const deadline = setTimeout(() => child.kill('SIGKILL'), 18_000)
  const [code] = (await once(child, 'close')) as [number | null]
  clearTimeout(deadline)
  return { code, output: Buffer.concat(chunks).toString() }
}

const script = (...args: readonly string[]): ReturnType<typeof run> =>
  run(compiled(`${FOLDER}/script.ts`), ...args)

describe('a process that uses Redis and closes nothing', () => {
  it.each(['url', 'factory', 'ioredis', 'node-redis'])(
    'waits for what it asked, and ends by itself then (%s)',
    async (source) => {
      for (const mode of ['strict', 'replicated']) {
        expect(await script(source, mode)).toEqual({ code: 0, output: 'true\ndone\n' })
      }
    },
  )

  it.each(['strict', 'replicated'])('ends at once where it asked nothing (%s)', async (mode) => {
    expect(await script('nothing', mode)).toEqual({ code: 0, output: 'done\n' })
  })

  it.each(['strict', 'replicated'])('ends once its server was closed (%s)', async (mode) => {
    expect(await script('serve', mode)).toEqual({ code: 0, output: '200 open\ndone\n' })
  })

  it('waits for stores of proofs and families too', async () => {
    expect(await script('others')).toEqual({ code: 0, output: 'true\nundefined\ndone\n' })
  })

  it('waits for a Redis that is not there, until the store is closed', async () => {
    expect(await script('wait for nobody')).toEqual({ code: 0, output: 'closed\ndone\n' })
  })

  it('ends under Jest, which waits for all that is open', async () => {
    const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js']
    const config = { testRegex: [`${FOLDER}/in-jest\\.ts$`], forceExit: false }
    const { code, output } = await run(...jest, '--config', await jestConfig(config), '--ci')
    expect(output).toMatch(/1 passed/)
    expect(output).not.toMatch(/did not exit/)
    expect(code).toBe(0)
  })

  it('ends under node --test', async () => {
    // Not the compiled one: Node 22 finds no tests in node_modules.
    const { code, output } = await run('--import', 'tsx', '--test', `${FOLDER}/in-node-test.ts`)
    expect([code, output]).toEqual([0, expect.stringMatching(/pass 1/)])
  })
})

/** That of this project, changed. */
async function jestConfig(changes: object): Promise<string> {
  const { default: config } = await import('../../../jest.config.js')
  return JSON.stringify({ ...config, ...changes, testMatch: undefined })
}
