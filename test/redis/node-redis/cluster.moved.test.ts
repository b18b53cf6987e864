import { expect, it, jest } from '@jest/globals'
import { connectCluster } from '../../../lib/redis/node-redis/cluster.js'
import type { Connection, PlainClient } from '../../../lib/redis/node-redis/connection.js'

/** As node-redis tells an answer that is an error. */
class ErrorReply extends Error {}

type Answer = (port: number, command: string) => unknown

/** A Cluster whose nodes answer so, and the ports that were connected to. */
async function clusterOf(
  rootPorts: readonly number[],
  answer: Answer,
): Promise<{ readonly cluster: Connection; readonly opened: readonly number[] }> {
  const opened: number[] = []

  async function create(options: Record<string, unknown>): Promise<PlainClient> {
    const { port } = options['socket'] as { readonly port: number }
    opened.push(port)
    return {
      isOpen: true,
      sendCommand: async ([command = '']: readonly string[]) => answer(port, command),
      connect: async () => undefined,
      destroy: () => undefined,
      unref: () => undefined,
      on: () => undefined,
    }
  }

  const rootNodes = rootPorts.map((port) => ({ socket: { host: '127.0.0.1', port } }))
  const { signal } = new AbortController()
  const cluster = await connectCluster({ rootNodes }, create)({ signal, lost: () => undefined })
  return { cluster, opened }
}

const slotsAt = (port: number): unknown => [[0, 16_383, ['127.0.0.1', port]]]

it('looks once for all commands that were sent elsewhere at once: each look may open connections', async () => {
  let looks = 0
  const { cluster, opened } = await clusterOf([1], (port, command) => {
    if (command === 'CLUSTER') {
      looks += 1
      // The one that is connected already does not know, so that others are asked.
      if (looks === 2) throw new ErrorReply('LOADING')
      return slotsAt(1)
    }
    if (port === 1) throw new ErrorReply('MOVED 0 127.0.0.1:2')
    return 'OK'
  })
  const sent = Array.from({ length: 50 }, () => cluster.send('SET', ['key', '1']))
  expect(new Set(await Promise.all(sent))).toEqual(new Set(['OK']))
  // At the start; of a node that is connected; of one that is asked in its place.
  expect(looks).toBe(3)
  // For the two looks that need one, and the two nodes.
  expect(opened).toHaveLength(4)
})

it.each([[[2, 1]], [[1, 2]]])(
  'leaves a master that was cut off from the others, and knows of no other: roots %j',
  async (roots) => {
    let isCutOff = false
    const { cluster } = await clusterOf(roots, (port, command) => {
      if (command === 'CLUSTER') return slotsAt(isCutOff && port === 2 ? 2 : 1)
      if (isCutOff && port === 1) throw new ErrorReply('CLUSTERDOWN The cluster is down')
      return 'OK'
    })
    expect(await cluster.send('SET', ['key', '1'])).toBe('OK')
    isCutOff = true
    let now = performance.now()
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => (now += 100))
    const answers: unknown[] = []
    for (let tries = 0; tries < 60; tries += 1) {
      answers.push(await cluster.send('SET', ['key', '1']).catch(String))
    }
    clock.mockRestore()
    expect(answers.at(-1)).toBe('OK')
  },
)
