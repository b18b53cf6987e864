import { describe, expect, it } from '@jest/globals'
import * as presets from '../../../../lib/issuers.js'

const TENANT = '3fa85f64-5717-4562-b3fc-2c963f66afa6'

describe('entra({ cloud })', () => {
  it.each([
    ['us-government', 'https://login.microsoftonline.us', 'https://sts.windows.net'],
    ['china', 'https://login.partner.microsoftonline.cn', 'https://sts.chinacloudapi.cn'],
  ] as const)('knows the hosts of %s', (cloud, host, first) => {
    expect(presets.entra({ tenantIds: TENANT, audience: 'api-id', cloud })).toMatchObject({
      issuer: [[`${host}/${TENANT}/v2.0`, `${first}/${TENANT}/`]],
      jwksUri: `${host}/${TENANT}/discovery/v2.0/keys`,
    })
  })
})

describe("cognito({ profile: 'id_token' })", () => {
  it('finds the client in "aud", where ID tokens name it', () => {
    const pool = { region: 'eu-central-1', userPoolId: 'p', clientIds: 'a' }
    const options = presets.cognito({ ...pool, profile: 'id_token' })
    expect(options).toMatchObject({
      audience: 'a',
      profile: 'id_token',
      expectedClaims: { token_use: 'id' },
    })
    expect(options).not.toHaveProperty('clientId')
  })
})
