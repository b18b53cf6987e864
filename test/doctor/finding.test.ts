import { describe, expect, it } from '@jest/globals'
import { finding } from '../../lib/doctor/finding.js'

describe('finding', () => {
  it('holds no more than what was found', () => {
    expect(finding('token', 'ok', 'fine')).toEqual({
      check: 'token',
      status: 'ok',
      detail: 'fine',
    })
  })

  it('has cause, fix and reason where they are told', () => {
    const advice = { cause: 'c', fix: 'f', reason: 'expired' } as const
    expect(finding('token', 'failed', 'd', advice)).toEqual({
      check: 'token',
      status: 'failed',
      detail: 'd',
      ...advice,
    })
  })

  it('is one line of plain characters, whatever a server said', () => {
    const told = 'a\nb\u001B[31mc§'
    const { detail, cause, fix } = finding('x', 'failed', told, { cause: told, fix: told })
    expect([detail, cause, fix]).toEqual(Array.from({ length: 3 }, () => 'a?b?[31mc§'))
  })

  it.each([
    [500, 500],
    [501, 503],
  ])('of %i characters shows %i', (length, shown) => {
    expect(finding('x', 'ok', 'a'.repeat(length)).detail).toHaveLength(shown)
  })
})
