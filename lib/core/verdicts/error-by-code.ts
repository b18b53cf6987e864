import type { AuthErrorCode, CodeRows } from './codes.js'
import type { AuthError } from './errors.js'

/**
 * Every refusal, told apart by its `code`: a `switch` over that can be complete, and in each case
 * `status` and `family` are known.
 */
export type AuthErrorByCode = {
  [Code in AuthErrorCode]: AuthError & {
    readonly code: Code
    readonly status: CodeRows[Code]['status']
    readonly family: CodeRows[Code]['family']
  }
}[AuthErrorCode]
