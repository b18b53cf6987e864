/** What the issuer says of a token, and what keeps it from saying it. */
export const INTROSPECTION_REASONS = {
  inactive_token: {
    codes: ['invalid_token'],
    meaning: 'The issuer says that the token is not active.',
    cause: 'The token has expired or was revoked, or is of another issuer.',
    fix: 'Get a new token; if new ones are refused, let the issuer allow this client to ask about them.',
  },
  introspection_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The issuer gives no usable answer about the token, so that nobody can judge it.',
    cause: 'The introspection endpoint is down, limits our calls, or answers with something else.',
    fix: 'Call the endpoint from this machine with the same client; the detail says how it answered.',
  },
  introspection_unauthorized: {
    codes: ['temporarily_unavailable'],
    meaning: 'The introspection endpoint refuses our own credentials.',
    cause: 'The secret was rotated, or the client may not introspect.',
    fix: 'Correct "clientId" and "clientAuth", and let the issuer allow this client to introspect.',
  },
  introspection_over_budget: {
    codes: ['temporarily_unavailable'],
    meaning: 'Too many unknown tokens wait to be asked about.',
    cause: 'Somebody sends invented tokens, or the issuer answers slowly.',
    fix: 'Set "throttle" to answer their networks by 429.',
  },
} as const
