/** The signature, and the keys to check it by. */
export const KEY_REASONS = {
  unknown_key: {
    codes: ['invalid_token', 'temporarily_unavailable'],
    meaning: 'The issuer publishes no key of the "kid" in the token.',
    cause: 'The token is of another environment, or was signed by a key withdrawn since.',
    fix: 'Compare the "kid" with the keys at the jwks_uri of the issuer.',
  },
  compromised_key: {
    codes: ['invalid_token'],
    meaning:
      'The issuer publishes the private half of the key of the token, so that anybody can sign.',
    cause: 'A private JWK was exported into the JWKS of the issuer.',
    fix: 'Let the issuer rotate this key at once, and publish public members only.',
  },
  key_mismatch: {
    codes: ['invalid_token'],
    meaning: 'The key of the token is not one for the algorithm of the token.',
    cause: 'The token is forged, or the issuer reuses a "kid" for keys of two kinds.',
    fix: 'Give each key at the issuer its own "kid".',
  },
  bad_signature: {
    codes: ['invalid_token'],
    meaning: 'The signature does not verify.',
    cause: 'The token was changed or forged, or is one for Microsoft Graph.',
    fix: 'Request a token for this API; watch the senders if that changes nothing.',
  },
  keys_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The keys of the issuer cannot be fetched, so that nobody can judge the token.',
    cause:
      'The issuer is down or out of reach, or it publishes the key in a form that we cannot use.',
    fix: 'From this machine, fetch the address that the detail names, and see the event keys.ignored.',
  },
  issuer_unresolved: {
    codes: ['temporarily_unavailable'],
    meaning: 'The issuer of the token could not be looked up.',
    cause: 'The resolve() of the app failed, or too many new issuers were asked for at once.',
    fix: 'See the cause of the error, and let resolve() return undefined for unknown issuers.',
  },
} as const
