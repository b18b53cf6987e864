import { describe, expect, it } from '@jest/globals'
import {
  cognito,
  COGNITO_KINDS,
  COGNITO_MISTAKES,
} from '../../../../lib/tokens/issuers/presets/cognito.js'

const OPTIONS = { region: 'eu-central-1', userPoolId: 'eu-central-1_AbC', clientIds: ['a', 'b'] }
const ISSUER = 'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_AbC'

describe('cognito', () => {
  it('goes by the client, since its access tokens name no audience', () => {
    expect(cognito(OPTIONS)).toEqual({
      issuer: ISSUER,
      audience: false,
      clientId: ['a', 'b'],
      expectedClaims: { token_use: 'access' },
      algorithms: ['RS256'],
      claims: { clientId: 'client_id', sessionId: 'origin_jti', roles: 'cognito:groups' },
    })
  })

  it('goes by the audience of ID tokens, where those are to be taken', () => {
    const settings = cognito({ ...OPTIONS, profile: 'id_token' })
    expect(settings).toMatchObject({ audience: ['a', 'b'], expectedClaims: { token_use: 'id' } })
    expect(settings).not.toHaveProperty('clientId')
  })

  it.each(['region', 'userPoolId'])('cannot be led elsewhere by "%s"', (name) => {
    expect(() => cognito({ ...OPTIONS, [name]: 'a/b' })).toThrow(`cognito: "${name}" must be`)
  })

  it('knows its tokens by "token_use", and its users by their issuer', () => {
    expect(COGNITO_KINDS).toEqual({
      claim: 'token_use',
      access: ['access'],
      id: ['id'],
      others: [],
    })
    expect(COGNITO_MISTAKES.issuer.test(ISSUER)).toBe(true)
    expect(COGNITO_MISTAKES.issuer.test(`https://evil.test/${ISSUER}`)).toBe(false)
    expect(Object.keys(COGNITO_MISTAKES.fixes)).toContain('wrong_client')
  })
})
