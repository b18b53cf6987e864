import { describe, expect, it } from '@jest/globals'
import { firstKey, slotOf } from '../../../lib/redis/node-redis/slots.js'

describe('slotOf', () => {
  it.each([
    ['123456789', 12_739],
    ['foo', 12_182],
    ['', 0],
    ['{user1000}.following', 3443],
    ['{user1000}.followers', 3443],
    ['a{user1000}b{x}', 3443],
  ])('of %j is %i, as the Cluster specification has it', (key, slot) => {
    expect(slotOf(key)).toBe(slot)
  })

  it.each([
    ['empty braces', 'foo{}{bar}'],
    ['an open brace alone', 'foo{bar'],
    ['a closing brace alone', 'foo}bar'],
    ['braces the wrong way round', '}foo{'],
  ])('is that of the whole key, with %s', (_name, key) => {
    expect(slotOf(key)).not.toBe(slotOf('bar'))
    expect(slotOf(`{x${key}`)).not.toBe(slotOf(key))
    expect(slotOf(key)).toBe(crcOf(key))
  })

  it('is that of the bytes, and not of the characters', () => {
    expect(slotOf('caf\u00E9')).toBe(crcOf('caf\u00E9'))
  })

  it('hashes what stands in the first braces, and no more', () => {
    expect(slotOf('{{a}b}')).toBe(slotOf('{a'))
    expect(slotOf('}{a}')).toBe(slotOf('a'))
  })
})

/** Slow and plain: by the polynomial, one bit after another. */
function crcOf(key: string): number {
  const bits = [...Buffer.from(key)].flatMap((byte) =>
    Array.from({ length: 8 }, (_, index) => (byte >> (7 - index)) & 1),
  )
  const rest = bits.reduce((crc, bit) => {
    const carry = ((crc >> 15) & 1) ^ bit
    return ((crc << 1) & 0xffff) ^ (carry === 1 ? 0x1021 : 0)
  }, 0)
  return rest % 16_384
}

describe('firstKey', () => {
  it.each<[string, readonly unknown[], string | undefined]>([
    ['GET', ['k'], 'k'],
    ['mget', ['k', 'l'], 'k'],
    ['INFO', [], undefined],
    ['evalsha', ['sha', 2, 'k', 'l', 'x'], 'k'],
    ['EVAL', ['return 1', '1', 'k'], 'k'],
    ['EVAL', ['return 1', 0, 'x'], undefined],
    ['xread', ['COUNT', 7, 'STREAMS', 'k', '0'], 'k'],
    ['XREAD', ['BLOCK', 7, 'streams', 'k', '0'], 'k'],
    ['SET', [7, 'x'], '7'],
  ])('of %s %j is %j', (command, args, key) => {
    expect(firstKey(command, args)).toBe(key)
  })
})
