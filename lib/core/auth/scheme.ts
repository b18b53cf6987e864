/** How a token is presented: as it is, or with a proof of a key beside it (RFC 9449 §7.1). */
export type AuthScheme = 'Bearer' | 'DPoP'
