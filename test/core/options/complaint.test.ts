import { describe, expect, it } from '@jest/globals'
import { complaint } from '../../../lib/core/options/complaint.js'

/** As deep as checks lie below their factory. */
function check(depth: number): TypeError {
  return depth === 0 ? complaint('sampleGuard', 'sampleGuard: a complaint') : check(depth - 1)
}

function sampleGuard(depth: number): TypeError {
  return check(depth)
}

function app(depth: number): TypeError {
  return sampleGuard(depth)
}

const framesOf = ({ stack = '' }: Error): readonly string[] => stack.split('\n    at ').slice(1)

describe('complaint', () => {
  it.each([0, 1, 20])(
    'begins its stack at the line of the app, over %i frames of ours',
    (depth) => {
      const error = app(depth)
      expect(framesOf(error)[0]).toMatch(/^app \(/)
      expect(error.stack).toMatch(/^TypeError: sampleGuard: a complaint\n/)
      expect(error.stack).not.toMatch(/at check|at sampleGuard/)
    },
  )

  it('finds a factory that was called as a member', () => {
    const namespace = { sampleGuard }
    const { stack } = namespace.sampleGuard(3)
    expect(stack).not.toMatch(/at (\w+\.)?(check|sampleGuard) /)
  })

  it('keeps every frame where the factory is not among them', () => {
    const error = complaint('another', 'another: a complaint')
    expect(framesOf(error)[0]).toMatch(/^complaint \(/)
  })

  it('shows as many frames as the process wants, and leaves that as it was', () => {
    const { stackTraceLimit } = Error
    Error.stackTraceLimit = 2
    try {
      expect(framesOf(app(5))).toHaveLength(2)
      expect(Error.stackTraceLimit).toBe(2)
    } finally {
      Error.stackTraceLimit = stackTraceLimit
    }
  })

  it('is left as it is where the process makes something else of stacks than text', () => {
    const before = Object.getOwnPropertyDescriptor(Error, 'prepareStackTrace')
    Error.prepareStackTrace = (_error, frames) => frames
    try {
      expect(app(0)).toMatchObject({
        message: 'sampleGuard: a complaint',
        stack: expect.any(Array),
      })
    } finally {
      Reflect.deleteProperty(Error, 'prepareStackTrace')
      if (before !== undefined) Object.defineProperty(Error, 'prepareStackTrace', before)
    }
  })

  it('is a TypeError with its message and cause', () => {
    const cause = new Error('below')
    const error = complaint('sampleGuard', 'a complaint', { cause })
    expect(error).toBeInstanceOf(TypeError)
    expect(error).toMatchObject({ message: 'a complaint', cause })
  })
})
