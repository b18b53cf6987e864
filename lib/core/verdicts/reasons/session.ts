/** Logins and sessions of a `tokenHandler`. */
export const SESSION_REASONS = {
  login_unknown: {
    codes: ['login_failed'],
    meaning: 'A login came back that this browser has not begun, or that lies too far back.',
    cause: 'The user waited for more than ten minutes, or somebody sent them a link.',
    fix: 'Begin again at the login route, over https where "responseMode" is "form_post".',
  },
  login_replayed: {
    codes: ['login_failed'],
    meaning: 'A login came back a second time.',
    cause: 'The user loaded the callback again, or a form was sent twice.',
    fix: 'Nothing: the first one counts.',
  },
  login_denied: {
    codes: ['login_failed'],
    meaning: 'The issuer answered the login with an error.',
    cause: 'The user refused, or the issuer does not know a scope or the redirect URI.',
    fix: 'Compare "scopes" and "redirectUri" with the client at the issuer.',
  },
  login_refused: {
    codes: ['login_failed'],
    meaning: 'The answer of the issuer does not fit the login.',
    cause: 'The code was used or is too old, or the answer is of another issuer or another login.',
    fix: 'Begin again, and if it stays, compare "issuer" with the "iss" of its ID tokens.',
  },
  foreign_return_url: {
    codes: ['login_failed'],
    meaning: 'The address to return to after the login is not on this host.',
    cause: 'The page gave a whole URL, or somebody tries to lead users elsewhere.',
    fix: 'Give a path like "/notes" as "return_to".',
  },
  session_unknown: {
    codes: ['invalid_token'],
    meaning: 'The session is over.',
    cause: 'It was not used for "idleSeconds", or the user logged out.',
    fix: 'Let the user log in again.',
  },
  session_ended: {
    codes: ['invalid_token'],
    meaning: 'The issuer does not renew the access token, or the denylist ended the session.',
    cause: 'The user was logged out at the issuer, or the refresh token is too old.',
    fix: 'Let the user log in again, and ask for "offline_access" if there is no refresh token.',
  },
  exchange_refused: {
    codes: ['invalid_token', 'insufficient_scope'],
    meaning: 'The issuer does not exchange the token for one of another service.',
    cause: 'The token was revoked there, or this client may not ask for that audience or scope.',
    fix: 'Read the error in the detail, and allow the exchange to the client at the issuer.',
  },
  sessions_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The store of the sessions does not answer, so that nobody knows who is logged in.',
    cause: 'Redis is down, restarting or out of reach.',
    fix: 'Read the detail, and wait: nothing is lost, and browsers keep their cookies.',
  },
  issuer_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The issuer did not answer a login or a renewal, or refused our own credentials.',
    cause:
      'The issuer is down, the client secret was replaced there, or openid-client is not installed.',
    fix: 'Read the detail: it says which, and what mends it.',
  },
} as const
