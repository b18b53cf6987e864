import { messageOf } from '../core/values.js'

/** A factory's own error may show the URL it was given, and with it the password. */
const URL_USER = /\/\/[^\s/]*@/g
/** Redis repeats a command that it does not know: keys hold ids of users, and AUTH a password. */
const ARGUMENTS = /,? with args beginning with:.*/is

const MAX_LENGTH = 300

/** What an error of Redis says, without what must not be shown. */
export function wordsOf(error: unknown): string {
  const message = messageOf(error)
  // A Cluster says that it asked all its nodes in vain, and beside it what the last one said.
  const hasMore = error instanceof Error && 'lastNodeError' in error
  const words = [message, ...(hasMore ? [messageOf(error.lastNodeError)] : [])]
  const safe = words.map((text) => text.replace(URL_USER, '//').replace(ARGUMENTS, ''))
  return safe.join(' ').slice(0, MAX_LENGTH)
}

/**
 * The error by name and message alone. Clients hang the command on it, with its arguments: the
 * password of AUTH, or keys with `sub`, `sid` and `jti` of a user, for whoever prints the error.
 */
export function withoutCommands(error: unknown): Error | undefined {
  if (error === undefined) return undefined
  const safe = new Error(wordsOf(error))
  if (error instanceof Error) safe.name = error.name
  return safe
}
