import type { IssuerOptions } from '../policy/options.js'
import {
  pathSegment,
  preset,
  type KindClaim,
  type PresetOptions,
  type ProductMistakes,
} from './preset.js'

/** Cognito says in the claim `token_use` what a token is. */
export const COGNITO_KINDS: KindClaim = {
  claim: 'token_use',
  access: ['access'],
  id: ['id'],
  others: [],
}

/** For `doctor`. */
export const COGNITO_MISTAKES: ProductMistakes = {
  issuer: /^https:\/\/cognito-idp\./,
  fixes: {
    wrong_audience:
      'Cognito: access tokens have no "aud". Name the app clients: --client-id, or the preset cognito().',
    not_an_access_token: 'Cognito: send the access token of the sign-in, not its ID token.',
    wrong_client: 'Cognito: name the id of each app client in "clientIds".',
  },
}

export interface CognitoOptions {
  /** Like `eu-central-1`. */
  readonly region: string
  /** Like `eu-central-1_AbCdEfGhI`. */
  readonly userPoolId: string
  /** App clients whose tokens are accepted: access tokens carry no `aud`. */
  readonly clientIds: string | readonly string[]
}

/**
 * Amazon Cognito user pools: access tokens, or, with `profile: 'id_token'`, ID tokens. All tokens of one
 * sign-in share `origin_jti`, which serves as the session. Groups are roles.
 */
export function cognito(options: PresetOptions<CognitoOptions>): IssuerOptions {
  const own = ['region', 'userPoolId', 'clientIds'] as const
  return preset('cognito', own, options, ({ region, userPoolId, clientIds }, check) => {
    const host = `cognito-idp.${pathSegment(check, 'region', region)}.amazonaws.com`
    return {
      issuer: `https://${host}/${pathSegment(check, 'userPoolId', userPoolId)}`,
      // An ID token names the client in `aud`, an access token in `client_id`.
      ...(options.profile === 'id_token'
        ? { audience: clientIds, expectedClaims: { token_use: 'id' } }
        : { audience: false, clientId: clientIds, expectedClaims: { token_use: 'access' } }),
      algorithms: ['RS256'],
      claims: { clientId: 'client_id', sessionId: 'origin_jti', roles: 'cognito:groups' },
    }
  })
}
