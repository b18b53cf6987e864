/** An option of another library. */
type Row = readonly [
  /** In lower case. */
  name: string,
  /** The row is of use to factories that have this option, which is the one that is meant. */
  option: string,
  /** In place of "Did you mean ...": for what is meant the other way round, or is no option here. */
  advice?: string,
]

const READ_AUTH = 'The verified token is read by authOf(req), and is in req.auth'
const CARRIER = 'Tokens are read from Authorization, or from what "cookie" or "header" names'
const KEYS = 'For a shared secret give "secret", for keys "jwks" (as JWK), or neither to fetch them'
const OPTIONAL = '"optional: true" lets requests without a token pass; the default is false'
const KEPT = 'Keys are always kept, for as long as "keyCache" says'
const NETWORK = 'Give "network.ca" or "network.proxy"'
const DENYLIST = 'Mount jtiBlocklist(store) behind the guard, or give "validate"'
const SCOPES = 'Mount requireScope(...) behind the guard'
const ALWAYS_SENT = 'That header is always sent'

/** Names that people bring along from other libraries, so that an error at start names ours. */
const ROWS: readonly Row[] = [
  // express-jwt, jsonwebtoken, passport-jwt
  ['clocktolerance', 'clockToleranceSeconds'],
  ['leeway', 'clockToleranceSeconds'],
  ['clocktimestamp', 'clock'],
  ['credentialsrequired', 'optional', OPTIONAL],
  ['secretorpublickey', 'secret', KEYS],
  ['secretorkey', 'secret', KEYS],
  ['secretorkeyprovider', 'jwksUri', KEYS],
  ['publickey', 'jwks', KEYS],
  ['key', 'jwks', KEYS],
  ['keys', 'jwks', KEYS],
  ['gettoken', 'cookie', CARRIER],
  ['jwtfromrequest', 'cookie', CARRIER],
  ['requestproperty', 'cookie', READ_AUTH],
  ['resultproperty', 'cookie', READ_AUTH],
  ['userproperty', 'cookie', READ_AUTH],
  ['passreqtocallback', 'cookie', 'Mount requireClaims((auth, req) => ...) behind the guard'],
  ['isrevoked', 'validate', DENYLIST],
  ['onexpired', 'onRefuse'],
  ['ignoreexpiration', 'maxAgeSeconds', 'Expired tokens are never taken'],
  ['ignorenotbefore', 'maxAgeSeconds', 'Tokens are never taken before "nbf"'],
  ['maxage', 'maxAgeSeconds'],
  ['jsonwebtokenoptions', 'issuer', 'Its members are options of their own here'],
  // express-oauth2-jwt-bearer, express-openid-connect
  ['issuerbaseurl', 'issuer'],
  ['baseurl', 'issuer'],
  ['authrequired', 'optional', OPTIONAL],
  ['tokensigningalg', 'algorithms'],
  ['idtokensigningalg', 'algorithms'],
  ['strict', 'profile', '"profile: \'rfc9068\'" is the strict one'],
  ['validators', 'validate'],
  ['customvalidators', 'validate'],
  // jwks-rsa
  ['cache', 'keyCache', KEPT],
  ['cachemaxage', 'keyCache', 'Did you mean "keyCache.ttlSeconds"?'],
  ['cachemaxentries', 'keyCache', KEPT],
  ['ratelimit', 'keyCache', 'Refetches have a budget: "keyCache.refetchBurst"'],
  ['jwksrequestsperminute', 'keyCache', 'Refetches have a budget: "keyCache.refetchBurst"'],
  ['timeout', 'keyCache', 'Did you mean "keyCache.timeoutMs"?'],
  ['requestheaders', 'network', 'Did you mean "network.headers"?'],
  ['requestagent', 'network', NETWORK],
  ['fetcher', 'fetchKeys'],
  ['getkeysinterceptor', 'fetchKeys'],
  // jose
  ['currentdate', 'clock'],
  ['maxtokenage', 'maxAgeSeconds'],
  ['typ', 'profile'],
  ['subject', 'expectedClaims', 'Did you mean "expectedClaims: { sub }"?'],
  ['cooldownduration', 'keyCache', 'Did you mean "keyCache.refetchIntervalSeconds"?'],
  ['timeoutduration', 'keyCache', 'Did you mean "keyCache.timeoutMs"?'],
  // keycloak-connect
  ['authserverurl', 'issuer', 'Use the preset keycloak({ baseUrl, realm, audience })'],
  ['serverurl', 'issuer', 'Use the preset keycloak({ baseUrl, realm, audience })'],
  ['realmpublickey', 'jwks', KEYS],
  ['bearer', 'cookie', 'No login is ever started here, so that this needs no option'],
  ['beareronly', 'cookie', 'No login is ever started here, so that this needs no option'],
  // claims by their own names, and other spellings
  ['iss', 'issuer'],
  ['aud', 'audience'],
  ['resource', 'audience'],
  ['azp', 'clientId'],
  ['jwksurl', 'jwksUri'],
  ['jwkseturi', 'jwksUri'],
  ['wellknown', 'discoveryUrl'],
  ['metadataurl', 'discoveryUrl'],
  ['requiredscopes', 'cookie', SCOPES],
  ['scopes', 'cookie', SCOPES],
  ['tokenheader', 'header', 'Did you mean "header: { name }"?'],
  ['headername', 'header', 'Did you mean "header: { name }"?'],
  ['agent', 'network', NETWORK],
  ['httpagent', 'network', NETWORK],
  ['httpsagent', 'network', NETWORK],
  ['dispatcher', 'network', NETWORK],
  ['cookiename', 'cookie'],
  ['domain', 'issuer', 'Give the whole "issuer", or use a preset like auth0({ domain, audience })'],
  // helmet
  ['hsts', 'strictTransportSecurity'],
  ['csp', 'contentSecurityPolicy'],
  ['frameguard', 'frameOptions'],
  ['xframeoptions', 'frameOptions'],
  ['nosniff', 'frameOptions', ALWAYS_SENT],
  ['xcontenttypeoptions', 'frameOptions', ALWAYS_SENT],
  ['hidepoweredby', 'frameOptions', 'That header is always removed'],
  ['xpoweredby', 'frameOptions', 'That header is always removed'],
  ['xssfilter', 'frameOptions', 'X-XSS-Protection does harm, and is not sent'],
  ['crossoriginembedderpolicy', 'frameOptions', 'That header is not sent: set it yourself'],
  // csurf, lusca, csrf-csrf
  ['ignoremethods', 'exempt', 'GET, HEAD and OPTIONS are never judged; "exempt" takes paths'],
  ['ignoredmethods', 'exempt', 'GET, HEAD and OPTIONS are never judged; "exempt" takes paths'],
  ['sessionkey', 'exempt', 'Give "token: { secrets, bindTo }" with "mode: \'token\'"'],
  ['getsecret', 'exempt', 'Give "token: { secrets, bindTo }" with "mode: \'token\'"'],
  ['cookie', 'exempt', 'No cookie need be named: give "token: { secrets }" with "mode: \'token\'"'],
  ['allowedorigins', 'trustedOrigins'],
  ['whitelist', 'trustedOrigins'],
  // cors
  ['origin', 'trustedOrigins'],
  ['optionssuccessstatus', 'trustedOrigins', 'Preflights are answered by 204'],
  ['preflightcontinue', 'trustedOrigins', 'Preflights are always answered here'],
  // express-rate-limit
  ['windowms', 'windowSeconds', '"windowSeconds" counts in seconds'],
  ['max', 'failuresPerNetwork'],
  ['limit', 'failuresPerNetwork'],
  ['store', 'redis'],
  ['keygenerator', 'account'],
  ['skipsuccessfulrequests', 'isFailure', 'Failures alone are counted, as "isFailure" says'],
  // res.cookie
  ['httponly', 'sameSite', 'The cookie is always HttpOnly'],
  ['secure', 'sameSite', 'The cookie is always Secure; for development see "plainLoopback"'],
  ['path', 'sameSite', 'The cookie is of the path / always, as its prefix demands'],
]

/** What somebody means who gives an option by the name that another library has for it. */
export function foreignOption(name: string, known: readonly string[]): string | undefined {
  const plain = name.replace(/[^A-Za-z]/g, '').toLowerCase()
  const row = ROWS.find(([foreign, option]) => foreign === plain && known.includes(option))
  if (row === undefined) return undefined
  const [, option, advice = `Did you mean "${option}"?`] = row
  return advice
}
