import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ChallengeParameter } from '../../core/verdicts/challenge-parameter.js'

/** Metadata of what a guard protects (RFC 9728), once an app publishes them. */
export interface Publication {
  /** Where they are, for each challenge (RFC 9728 §5.1). */
  readonly challengeParameters: readonly ChallengeParameter[]
  /** Scopes that a 401 names where the refusal names none. */
  readonly challengeScopes: readonly string[]
  /** Answers a request for them; false for any other. They are public, also behind the guard itself. */
  serve(req: IncomingMessage, res: ServerResponse): boolean
  /** The same for hosts that speak fetch. */
  respond(request: Request): Response | undefined
}
