import { contentSecurityPolicy } from 'helmet'
import { complaint } from '../../core/options/complaint.js'
import { optionCheck, type OptionCheck } from '../../core/options/option-check.js'
import { messageOf } from '../../core/values.js'
import { recordHeaders, type HeaderLine } from './record.js'

/** Directives of a Content-Security-Policy by their own names, each with its sources. */
export type CspDirectives = Readonly<Record<string, readonly string[]>>

/** In an option, this source stands for the nonce of the response at hand. */
const NONCE_SOURCE = "'nonce-{nonce}'"

/** A policy ready to send. */
export interface CompiledCsp {
  readonly name: string
  /** For responses that asked for no nonce: no source speaks of one, so no inline script runs. */
  readonly plain: string
  /** Renders the policy with a nonce; undefined where no directive has a place for one. */
  readonly withNonce: ((nonce: string) => string) | undefined
}

// prettier-ignore
const DIRECTIVE_NAMES: readonly string[] = [
  'default-src', 'script-src', 'script-src-elem', 'script-src-attr', 'style-src', 'style-src-elem',
  'style-src-attr', 'img-src', 'font-src', 'connect-src', 'media-src', 'object-src', 'frame-src',
  'child-src', 'worker-src', 'manifest-src', 'fenced-frame-src', 'base-uri', 'form-action',
  'frame-ancestors', 'sandbox', 'report-uri', 'report-to', 'require-trusted-types-for',
  'trusted-types', 'upgrade-insecure-requests',
]

/**
 * Compiles directives by helmet, which catches keywords without their quotes and stray semicolons.
 * A directive it does not know by name would be ignored by browsers too, so that is an error.
 */
export function compileCsp(
  check: OptionCheck,
  directives: CspDirectives,
  reportOnly: boolean,
): CompiledCsp {
  optionCheck(`${check.factory}: contentSecurityPolicy`).known(directives, DIRECTIVE_NAMES)
  const [name, written] = write(check, directives, reportOnly)
  const parts = written.split(NONCE_SOURCE)
  if (parts.length === 1) return { name, plain: written, withNonce: undefined }
  const [, plain] = write(check, withoutNonce(directives), reportOnly)
  return { name, plain, withNonce: (nonce) => parts.join(`'nonce-${nonce}'`) }
}

function write(check: OptionCheck, directives: CspDirectives, reportOnly: boolean): HeaderLine {
  try {
    const headers = recordHeaders(
      contentSecurityPolicy({ useDefaults: false, directives: { ...directives }, reportOnly }),
    )
    return headers[0]!
  } catch (error) {
    throw complaint(check.factory, `${check.factory}: ${messageOf(error)}`, { cause: error })
  }
}

function withoutNonce(directives: CspDirectives): CspDirectives {
  return Object.fromEntries(
    Object.entries(directives).map(([name, sources]) => [
      name,
      [...sources].filter((source) => source !== NONCE_SOURCE),
    ]),
  )
}
