/** Names that stand elsewhere, or nowhere. */
export type Without<Names extends string> = Readonly<Partial<Record<Names, undefined>>>

/**
 * One source of keys: keys of different trust must not stand in for each other. The compiler says which
 * name is one too many, by that of the source it was compared with.
 */
export type OneKeySource = KeysByDiscovery | KeysAtUri | KeysInHand | SharedSecret

/** Where no source is named, or `discoveryUrl`. */
export interface KeysByDiscovery extends Without<'jwksUri' | 'jwks' | 'secret'> {}

export interface KeysAtUri extends Without<'discoveryUrl' | 'jwks' | 'secret'> {}

/** Nothing is fetched. */
export interface KeysInHand extends Without<'discoveryUrl' | 'jwksUri' | 'secret' | 'fetchKeys'> {}

export interface SharedSecret extends Without<'discoveryUrl' | 'jwksUri' | 'jwks' | 'fetchKeys'> {}
