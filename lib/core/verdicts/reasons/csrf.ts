/** A page of another site may have sent the request with the cookie of the user. */
export const CSRF_REASONS = {
  csrf_cross_site: {
    codes: ['csrf_cross_site'],
    meaning: 'The browser says that a page of another site sent the request.',
    cause: 'Your front end is on another origin, or somebody tries forgery.',
    fix: 'The detail of the event says which option lets your own pages in.',
  },
  csrf_origin_mismatch: {
    codes: ['csrf_origin_mismatch'],
    meaning: 'The Origin of the request is neither ours nor trusted.',
    cause: 'A proxy changes the Host header, so that our own origin looks foreign.',
    fix: 'Set "origin" to the public origin, if the page is your own; the detail says what else can help.',
  },
  csrf_origin_missing: {
    codes: ['csrf_origin_missing'],
    meaning: 'The request has a cookie, or a token that a proxy adds, and names no origin.',
    cause: 'A script or an SDK keeps cookies.',
    fix: 'Send the custom header (x-csrf by default), or no cookie.',
  },
  csrf_header_missing: {
    codes: ['csrf_header_missing'],
    meaning: 'The request lacks the custom header that mode "header" wants.',
    cause: 'A plain form or a fetch without the header sent it.',
    fix: 'Send the header (x-csrf by default) with each unsafe request.',
  },
  csrf_token_missing: {
    codes: ['csrf_token_missing'],
    meaning: 'The request lacks a CSRF token.',
    cause: 'The form has no field "_csrf", or no body parser runs before csrfGuard.',
    fix: 'Put res.locals.csrfToken() into the form, and mount express.urlencoded() first.',
  },
  csrf_token_invalid: {
    codes: ['csrf_token_invalid'],
    meaning: 'The CSRF token is of another session, or of a secret no longer in use.',
    cause: 'The user logged in or out in another tab after the page was loaded.',
    fix: 'Load the page again, and give every process the same "secrets".',
  },
} as const
