export {
  createVerifier,
  type Verifier,
  type VerifierOptions,
  type VerifierRules,
} from './guards/create-verifier.js'
export {
  fetchGuard,
  type FetchClient,
  type FetchGuard,
  type FetchGuardOptions,
} from './guards/fetch-guard.js'
export type { Auth } from './core/auth/auth.js'
export { AuthError } from './core/verdicts/errors.js'
