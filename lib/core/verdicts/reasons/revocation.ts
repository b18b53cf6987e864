/** The denylist. */
export const REVOCATION_REASONS = {
  revoked: {
    codes: ['invalid_token'],
    meaning: 'The token, its session or its user was revoked.',
    cause: 'The user logged out, or an administrator ended the session.',
    fix: 'Log in again, in a new session of the issuer.',
  },
  not_registered: {
    codes: ['invalid_token'],
    meaning: 'The token is not in the allow-list.',
    cause: 'It was never registered, or the store was emptied since.',
    fix: 'Register tokens before they are handed out; log in again.',
  },
  before_floor: {
    codes: ['invalid_token'],
    meaning: 'The token is older than the denylist, which may have lost its revocation.',
    cause: 'Redis was empty at the first deployment, or lost data.',
    fix: 'Refresh the token; set onEmpty to "initialize" for the first deployment alone.',
  },
  lifetime_exceeds_store: {
    codes: ['invalid_token'],
    meaning: 'The token lives longer than revocations are remembered.',
    cause: 'The issuer gives tokens a life of more than a day.',
    fix: 'Let the issuer shorten it, or raise "maxTokenLifetimeSeconds" of the store.',
  },
  revocation_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The denylist does not answer, so that nobody can tell whether the token is revoked.',
    cause: 'Redis is down, out of reach, or refused for how it is set up.',
    fix: 'See the status() of the store and its "revocation.state" events.',
  },
  revocation_not_stored: {
    codes: ['temporarily_unavailable'],
    meaning: 'The logout could not be stored, and the token still works.',
    cause: 'Redis is down, read-only or full.',
    fix: 'Try the logout again, and see the status() of the store.',
  },
  families_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The store of refresh-token families does not answer; no family ends by that.',
    cause: 'Redis is down, or out of reach; or a memory store is full.',
    fix: 'Try again; see the detail, which names what Redis said.',
  },
} as const
