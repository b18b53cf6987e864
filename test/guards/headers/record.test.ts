import { describe, expect, it } from '@jest/globals'
import { recordHeaders } from '../../../lib/guards/headers/record.js'

describe('the headers that a middleware sets', () => {
  it('are recorded in their order, as texts', () => {
    const lines = recordHeaders((_req, res, next) => {
      res.setHeader('B', 'two')
      res.setHeader('A', 1)
      next()
    })
    expect(lines).toEqual([
      ['B', 'two'],
      ['A', '1'],
    ])
  })

  it('are none where it sets none', () => {
    expect(recordHeaders((_req, _res, next) => next())).toEqual([])
  })

  it('are none where it fails: its error is thrown', () => {
    const error = new Error('a bad directive')
    expect(() => recordHeaders((_req, _res, next) => next(error))).toThrow(error)
  })
})
