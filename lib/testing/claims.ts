/**
 * Claims that differ from those of a good token; undefined leaves one out. With `like`, `scope`,
 * `roles`, `permissions`, `client_id`, `sid` and `jti` are put where the product has them.
 */
export interface TestClaims {
  readonly scope?: string | undefined
  readonly roles?: readonly string[] | undefined
  readonly permissions?: readonly string[] | undefined
  readonly sub?: string | undefined
  readonly sid?: string | undefined
  readonly [claim: string]: unknown
}
