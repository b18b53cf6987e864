/** How the request carries its credential, before any token is read. */
export const REQUEST_REASONS = {
  no_credential: {
    codes: ['no_credential'],
    meaning: 'The request carries no access token.',
    cause: 'The user is not logged in, or the client forgot the Authorization header.',
    fix: 'Send "Authorization: Bearer <token>", or the cookie where the API reads one.',
  },
  unsupported_scheme: {
    codes: ['no_credential'],
    meaning: 'The Authorization header uses another scheme than Bearer.',
    cause: 'A proxy or an HTTP client adds Basic credentials of its own.',
    fix: 'Send "Bearer" as the scheme, and keep other credentials out of this header.',
  },
  malformed_authorization: {
    codes: ['invalid_request'],
    meaning: 'The Authorization header is not "Bearer" followed by one token.',
    cause: 'The token is empty, or has quotes or spaces around it.',
    fix: 'Print the header that the client sends, and send one space and the bare token.',
  },
  duplicate_authorization: {
    codes: ['invalid_request'],
    meaning: 'The request has several Authorization lines.',
    cause: 'A proxy adds a line beside that of the client.',
    fix: 'Let the proxy replace the header, because two readers could each judge another line.',
  },
  duplicate_cookie: {
    codes: ['invalid_request'],
    meaning: 'The request has several cookies of the name of the token cookie.',
    cause: 'The cookie was set for two paths or domains, or a sibling subdomain planted one.',
    fix: 'Use tokenCookie() with its "__Host-" name, and delete the older cookie.',
  },
  malformed_cookie: {
    codes: ['invalid_request'],
    meaning: 'The token cookie holds characters that no token has.',
    cause: 'The login handler wrote JSON, quotes or an encoded value into the cookie.',
    fix: 'Write the bare token, with the set() of tokenCookie().',
  },
  broken_seal: {
    codes: ['invalid_token'],
    meaning: 'The sealed token cookie opens with none of the secrets.',
    cause: 'The secret was replaced, or processes have different secrets.',
    fix: 'Give every process the same "seal" list, and keep the old secret in it for a while.',
  },
  token_too_large: {
    codes: ['invalid_request'],
    meaning: 'The token is longer than any that is read.',
    cause: 'The issuer puts every group or role of the user into the token.',
    fix: 'Let the issuer send fewer claims, such as the roles of this API, or raise "maxTokenChars".',
  },
  malformed_request: {
    codes: ['invalid_request'],
    meaning: 'The body is not a form with exactly one logout token.',
    cause: 'A body parser read the body first and kept nothing, or a client posted JSON.',
    fix: 'Mount backChannelLogout before body parsers, or behind express.urlencoded().',
  },
  malformed_message: {
    codes: ['invalid_request'],
    meaning: 'The body is no JSON-RPC message of MCP, so that nobody can say what it asks for.',
    cause: 'The client posts something else, or a body parser read the body and kept nothing.',
    fix: 'Read the detail; post JSON in UTF-8, and mount express.json() before the guard or not at all.',
  },
  header_mismatch: {
    codes: ['invalid_request'],
    meaning: 'Mcp-Method or Mcp-Name says something else than the body of the message.',
    cause: 'A proxy rewrites one of the two, or somebody tries to pass a check of headers.',
    fix: 'Send what the body says, and let no proxy change either.',
  },
  overloaded: {
    codes: ['temporarily_unavailable'],
    meaning: 'Too many signatures wait to be checked, so that this one would wait too long.',
    cause: 'Somebody floods the API with forged tokens, or the machine is too small for its load.',
    fix: 'Let the client try again after Retry-After, and set "throttle" to slow these senders down.',
  },
  rate_limited: {
    codes: ['too_many_requests'],
    meaning: 'The sender has failed too often for now.',
    cause: 'Somebody guesses, or all clients share one address because "trust proxy" is not set.',
    fix: 'Wait as long as Retry-After says, and set "trust proxy" behind a proxy.',
  },
} as const
