import { describe, expect, it } from '@jest/globals'
import { audienceHint, unverifiableHint } from '../../../../lib/tokens/issuers/presets/hints.js'

describe('the mark of a product', () => {
  it.each<[string[], RegExp]>([
    [['account'], /^\. Keycloak puts an API in "aud" only by an audience mapper/],
    [['account', 'api'], /^$/],
    [['api'], /^$/],
    [[], /^$/],
  ])('in the audience %j adds a sentence', (audience, hint) => {
    expect(audienceHint(audience)).toMatch(hint)
  })

  it.each<[object, RegExp]>([
    [{ nonce: 'x' }, /^\. A "nonce" in the header is the mark of a token for Microsoft Graph/],
    [{ nonce: undefined }, /^\. A "nonce"/],
    [{ kid: 'x' }, /^$/],
    [Object.create({ nonce: 'x' }) as object, /^$/],
  ])('in the header %j adds a sentence', (header, hint) => {
    expect(unverifiableHint(header as Record<string, unknown>)).toMatch(hint)
  })
})
