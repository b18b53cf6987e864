import { expect, it } from '@jest/globals'
import { isLoopbackAddress, isLoopbackName } from '../../lib/core/loopback.js'

it.each([
  ['127.0.0.1', true],
  ['127.255.0.9', true],
  ['::1', true],
  ['0:0:0:0:0:0:0:1', true],
  ['::1%lo', true],
  ['::ffff:127.0.0.1', true],
  ['::ffff:7f00:1', true],
  ['10.0.0.1', false],
  ['126.255.255.255', false],
  ['128.0.0.0', false],
  ['::2', false],
  ['::ffff:10.0.0.1', false],
  ['64:ff9b::7f00:1', false],
  ['localhost', false],
  ['127.1', false],
  ['127.0.0.1.example.com', false],
  ['', false],
  ['%', false],
])('isLoopbackAddress: %s, %s', (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected)
})

it.each([
  ['localhost', true],
  ['id.localhost', true],
  ['127.0.0.1', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['localhost.example.com', false],
  ['notlocalhost', false],
  ['localhost.', false],
  ['id.local.example', false],
  ['', false],
])('isLoopbackName: %s, %s', (name, expected) => {
  expect(isLoopbackName(name)).toBe(expected)
})
