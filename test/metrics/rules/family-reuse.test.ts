import { describe, expect, it } from '@jest/globals'
import { ISSUER, watching } from '../../support/watching.js'

describe('family_reused', () => {
  it('tells at once', () => {
    const watch = watching()
    const login = { issuer: ISSUER, clientId: 'app', subjectDigest: 'x', sessionIdDigest: 'y' }
    watch.tell({ name: 'family.reused', ...login })
    watch.tell({ name: 'family.rolled_back', ...login })
    expect(watch.rules()).toEqual(['family_reused'])
  })
})
