import type { IssuerOptions } from '../policy/options.js'
import { preset, type PresetOptions, type ProductMistakes } from './preset.js'

/** For `doctor`. */
export const GOOGLE_MISTAKES: ProductMistakes = {
  issuer: /^(?:https:\/\/)?accounts\.google\.com$/,
  fixes: {
    malformed_token:
      'Google: access tokens are opaque. Send the ID token, with the preset googleIdToken().',
    not_an_access_token:
      'Google: take ID tokens by the preset googleIdToken(), or --profile id_token.',
  },
}

export interface GoogleIdTokenOptions {
  /** OAuth client ids of your apps: the `aud` of their ID tokens. */
  readonly clientIds: string | readonly string[]
}

/**
 * Google's ID tokens instead of access tokens, which are opaque there. They say who the user is and
 * grant no scopes. Apps that ask for a token of another client of yours, as those for Android do, stand
 * in its `azp`: name them as well.
 */
export function googleIdToken(options: PresetOptions<GoogleIdTokenOptions>): IssuerOptions {
  return preset('googleIdToken', ['clientIds'], options, ({ clientIds }) => ({
    issuer: ['https://accounts.google.com', 'accounts.google.com'],
    audience: clientIds,
    jwksUri: 'https://www.googleapis.com/oauth2/v3/certs',
    algorithms: ['RS256'],
    profile: 'id_token',
  }))
}
