/** What other systems tell us: security events, and universal logout. */
export const SIGNAL_REASONS = {
  malformed_signal: {
    codes: ['invalid_request'],
    meaning: 'The body is no security event token, or no request to revoke a subject.',
    cause: 'A body parser read the body first and kept nothing, or the content type is another.',
    fix: 'Mount the endpoint before body parsers, and read the detail.',
  },
  malformed_event: {
    codes: ['invalid_token'],
    meaning: 'The security event token lacks what its standard asks for, or has what that forbids.',
    cause: 'The transmitter follows an older draft, or sends several events in one token.',
    fix: 'Read the detail; for transmitters of the drafts there is the option "legacy".',
  },
  malformed_subject: {
    codes: ['invalid_token', 'invalid_request'],
    meaning: 'The subject of the event is no subject identifier (RFC 9493).',
    cause: 'A member is missing, is no string, or the format is one that nobody knows.',
    fix: 'Compare what the transmitter sends with the formats in docs/signals.md.',
  },
  foreign_subject: {
    codes: ['insufficient_scope'],
    meaning: 'The subject is of an issuer for which this sender does not speak.',
    cause: 'The transmitter and the issuer of the access tokens have different names.',
    fix: 'Name the issuers whose users it may sign out in "subjectIssuers".',
  },
  unknown_subject: {
    codes: ['invalid_request'],
    meaning: 'Nobody is known by that identifier.',
    cause: 'The user was never here, or "resolveSubject" is missing for emails and the like.',
    fix: 'Give "resolveSubject", which finds the user that an identifier means.',
  },
  unsupported_subject: {
    codes: ['invalid_request'],
    meaning: 'The subject of a universal logout is no user, but a token or several things at once.',
    cause: 'The sender names an access token, or the user together with a device.',
    fix: 'Let it name the user alone: iss_sub, opaque or email.',
  },
  sender_unauthenticated: {
    codes: ['invalid_token'],
    meaning: 'The request does not carry the Authorization that the transmitter was given.',
    cause: 'It was set up with another value, or somebody else found the endpoint.',
    fix: 'Give the transmitter the same value as in "authorization".',
  },
  unexpected_state: {
    codes: ['invalid_token'],
    meaning: 'A verification event has another state than any that was asked for.',
    cause: 'Somebody else asked for it, or it came after its time.',
    fix: 'Ask again, and for one stream at a time.',
  },
  used_before: {
    codes: ['invalid_token'],
    meaning: 'The token that authorizes a universal logout came before.',
    cause: 'The request was sent again, by the sender or by somebody who saw it.',
    fix: 'Sign a new token, with a jti of its own, for each request.',
  },
  signal_undecided: {
    codes: ['temporarily_unavailable'],
    meaning: 'A function of the app failed, or took too long, so that nothing was revoked.',
    cause: 'The database behind "resolveSubject" or "decide" is down.',
    fix: 'Mend it; transmitters try again.',
  },
} as const
