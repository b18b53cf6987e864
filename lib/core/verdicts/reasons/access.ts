/** The token is good, and does not grant what was asked. */
export const ACCESS_REASONS = {
  scope_missing: {
    codes: ['insufficient_scope'],
    meaning: 'The token lacks a scope.',
    cause: 'The client did not request the scope, or the user did not consent.',
    fix: 'Request the scopes that the challenge names.',
  },
  role_missing: {
    codes: ['insufficient_scope'],
    meaning: 'The user lacks a role.',
    cause: 'The role was not assigned, or the issuer sends roles in another claim.',
    fix: 'Assign the role, or set "claims.roles" to the claim that holds roles.',
  },
  permission_missing: {
    codes: ['insufficient_scope'],
    meaning: 'The user lacks a permission.',
    cause: 'The permission was not assigned, or the issuer sends it in another claim.',
    fix: 'Assign the permission, or set "claims.permissions" to the claim that holds permissions.',
  },
  claim_mismatch: {
    codes: ['insufficient_scope', 'invalid_token'],
    meaning:
      'A claim has another value than requireClaims, "expectedClaims" or defineClaims ask for.',
    cause: 'The user or tenant is not one that this route is for.',
    fix: 'Compare the claim with the value that the detail names.',
  },
  actor_mismatch: {
    codes: ['insufficient_scope'],
    meaning:
      'Nobody acts for the user of this token ("act"), or another than requireActor asks for.',
    cause: 'The user called the API without the agent, or the agent called through another one.',
    fix: 'Compare the outermost "act" of the token with what requireActor was given.',
  },
  login_too_weak: {
    codes: ['insufficient_user_authentication'],
    meaning: 'The user did not log in by the means that this route asks for ("acr" or "amr").',
    cause: 'The user has logged in with a password alone, or the token says nothing of it.',
    fix: 'Log in again with the "acr_values" of the challenge; the issuer must put "acr" into tokens.',
  },
  login_too_old: {
    codes: ['insufficient_user_authentication'],
    meaning: 'The login is longer ago than this route allows ("auth_time").',
    cause: 'The session is old; refreshed tokens keep the time of its login.',
    fix: 'Log in again with the "max_age" of the challenge; the issuer must put "auth_time" into tokens.',
  },
  authorization_details_missing: {
    codes: ['insufficient_scope'],
    meaning: 'No entry of the "authorization_details" of the token covers what this request does.',
    cause: 'The user consented to something else, or an entry is bounded by a field nobody named.',
    fix: 'Compare the entries with what the function of requireAuthorizationDetails returned.',
  },
  refused_by_validate: {
    codes: ['invalid_token'],
    meaning: 'The validate() of the app refused the token.',
    cause: 'The rule of the app applies, or validate() threw an error of its own.',
    fix: 'Read the detail, and throw "temporarily_unavailable" where the app cannot know.',
  },
  validate_unavailable: {
    codes: ['temporarily_unavailable'],
    meaning: 'The validate() of the app could not find out; only apps raise this.',
    cause: 'The database or service that the app asks does not answer.',
    fix: 'Bring that service back, and see the cause of the error.',
  },
} as const
