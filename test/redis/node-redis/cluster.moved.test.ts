import { expect, it } from '@jest/globals'
import { connectCluster } from '../../../lib/redis/node-redis/cluster.js'
import type { PlainClient } from '../../../lib/redis/node-redis/connection.js'

/** As node-redis tells an answer that is an error. */
class ErrorReply extends Error {}

it('looks once for all commands that were sent elsewhere at once: each look may open connections', async () => {
  let opened = 0
  let looks = 0

  async function answerOf(port: number, [command]: readonly string[]): Promise<unknown> {
    if (command === 'CLUSTER') {
      looks += 1
      // The one that is connected already does not know, so that others are asked.
      if (looks === 2) throw new ErrorReply('LOADING')
      return [[0, 16_383, ['127.0.0.1', 1]]]
    }
    if (port === 1) throw new ErrorReply('MOVED 0 127.0.0.1:2')
    return 'OK'
  }

  async function create(options: Record<string, unknown>): Promise<PlainClient> {
    opened += 1
    const { port } = options['socket'] as { readonly port: number }
    return {
      isOpen: true,
      sendCommand: (args: readonly string[]) => answerOf(port, args),
      connect: async () => undefined,
      destroy: () => undefined,
      unref: () => undefined,
      on: () => undefined,
    }
  }

  const connect = connectCluster(
    { rootNodes: [{ socket: { host: '127.0.0.1', port: 1 } }] },
    create,
  )
  const { signal } = new AbortController()
  const cluster = await connect({ signal, lost: () => undefined })
  const sent = Array.from({ length: 50 }, () => cluster.send('SET', ['key', '1']))
  expect(new Set(await Promise.all(sent))).toEqual(new Set(['OK']))
  // At the start; of a node that is connected; of one that is asked in its place.
  expect(looks).toBe(3)
  // For the two looks that need one, and the two nodes.
  expect(opened).toBe(4)
})
