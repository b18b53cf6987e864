import { PassThrough, Readable } from 'node:stream'
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { readToken } from '../../lib/doctor/read-token.js'

beforeEach(
  () => void jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate'] }),
)
afterEach(() => void jest.useRealTimers())

describe('readToken', () => {
  it.each([
    ['a line', ['abc.def.ghi\n'], 'abc.def.ghi'],
    ['parts without a line end', ['abc', '.def'], 'abc.def'],
    ['blanks around it', ['  abc \r\n'], 'abc'],
    ['nothing', [], undefined],
    ['an empty line', ['\n'], undefined],
  ])('takes %s', async (_what, parts, token) => {
    expect(await readToken(Readable.from(parts.map((part) => Buffer.from(part))))).toBe(token)
  })

  it('reads no further than the first line, for a pipe that stays open', async () => {
    const pipe = new PassThrough()
    pipe.write('abc\n')
    expect(await readToken(pipe)).toBe('abc')
  })

  it('asks no terminal, which would show what is typed', async () => {
    const terminal = Object.assign(Readable.from([Buffer.from('abc\n')]), { isTTY: true as const })
    expect(await readToken(terminal)).toBeUndefined()
    expect(terminal.readableDidRead).toBe(false)
  })

  it.each([
    [2999, false],
    [3000, true],
  ])('leaves a silent pipe after 3 seconds: %i ms, %j', async (ms, left) => {
    const pipe = new PassThrough()
    const token = readToken(pipe)
    jest.advanceTimersByTime(ms)
    expect(pipe.destroyed).toBe(left)
    pipe.destroy()
    expect(await token).toBeUndefined()
  })

  it('stops at 256 KiB, which no token has', async () => {
    let served = 0
    const endless = new Readable({
      read() {
        served += 65_536
        this.push(Buffer.alloc(65_536, 'a'))
      },
    })
    const token = await readToken(endless)
    expect(token?.length).toBe(262_144 + 65_536)
    expect(served).toBeLessThan(1_000_000)
  })
})
