import { describe, expect, it } from '@jest/globals'
import { ReplayUnavailable } from '../../lib/replay/store.js'

describe('ReplayUnavailable', () => {
  it('is an error by its name', () => {
    const error = new ReplayUnavailable('full', { cause: 'why' })
    expect(error).toBeInstanceOf(Error)
    expect([error.name, error.message, error.cause]).toEqual(['ReplayUnavailable', 'full', 'why'])
  })

  it('is known where another copy of this package has thrown it, and no other error is', () => {
    const brand = Symbol.for('express-resource-server.ReplayUnavailable')
    const other = Object.assign(new Error('full'), { [brand]: true })
    expect(other instanceof ReplayUnavailable).toBe(true)
    expect(new Error('full') instanceof ReplayUnavailable).toBe(false)
  })
})
