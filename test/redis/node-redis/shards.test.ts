import { expect, it } from '@jest/globals'
import { knownShards } from '../../../lib/redis/node-redis/shards.js'

const REPLY = [
  [0, 8191, ['10.0.0.1', 6379, 'id'], ['10.0.0.9', 6379, 'a replica']],
  [8192, 16_383, ['', 6380, 'id']],
]
const SERVER = { socket: { host: 'seed.test', port: 7000 } }

it('the masters of a cluster are known by their slots; one without an address is the one asked', () => {
  expect(knownShards(REPLY, SERVER)).toEqual([
    { from: 0, to: 8191, master: { host: '10.0.0.1', port: 6379 } },
    { from: 8192, to: 16_383, master: { host: 'seed.test', port: 6380 } },
  ])
})

it('a node that knows of none is passed over for another', () => {
  expect(() => knownShards([], SERVER)).toThrow('CLUSTERDOWN: no node has any slot')
})

it.each([['OK'], [null], [[5]], [[[0, 1, 'x']]]])('an odd answer is an error: %j', (reply) => {
  expect(() => knownShards(reply, SERVER)).toThrow('a node answered CLUSTER SLOTS oddly')
})
