import { createHmac, randomBytes } from 'node:crypto'
import { callApp } from '../../core/app-function.js'
import { systemTimer } from '../../core/clock.js'
import { optionCheck, type OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import type { AuthEvent } from '../../core/events/events.js'
import { networkOf } from '../../http/request/client-network.js'
import { deriveKeys, type Secret } from '../../http/secrets/secrets.js'
import { createAuditRecord } from './audit-record.js'
import { auditRow, type AuditLevel } from './owasp.js'
import { reasonLabel } from '../listening/labels.js'
import { headOf } from '../listening/request-facts.js'
import { failureWarning, listen, type Subscription } from '../listening/subscription.js'
import { createThinning, WINDOW_SECONDS, type Thinning } from './thinning.js'

/** As much of a logger as is needed. That of pino, and of whatever has its methods. */
export type AuditLogger = Readonly<
  Record<AuditLevel, (fields: object, message: string) => unknown>
> & {
  /** Asked so that no record is made which nobody would see. */
  isLevelEnabled?(level: AuditLevel): boolean
}

export interface PinoAuditOptions {
  /**
   * Keys the hashes of subjects, tokens, sessions and networks, so that they cannot be guessed, and are
   * the same in all processes. At least 32 bytes. @default one of this process, so that its records can
   * be joined with each other, and with none of another process
   */
  readonly secret?: Secret | undefined
  /**
   * How the sender of a request is told: `hashed`, by a keyed hash of the network; or `plain`, by the
   * address, which is personal data. @default 'hashed'
   */
  readonly addresses?: 'hashed' | 'plain' | undefined
  /**
   * Refusals of one reason and one network that are written in a minute, 1 to 1,000,000; ten times as many
   * of all networks together. `false` writes all.
   *
   * More than that are counted, and told at the end of the minute by one record for each reason,
   * `audit.thinned`. Revocations, states and alarms are always written.
   *
   * @default 100
   */
  readonly refusalsPerMinute?: number | false | undefined
}

const FACTORY = 'pinoAudit'
const LEVELS: readonly AuditLevel[] = ['debug', 'info', 'warn', 'error']

/**
 * Writes each verdict and event as one record, with its name in the OWASP Logging Vocabulary. Tokens are
 * in none of them, ids only as keyed hashes, and a refusal is never an error. Accepted tokens are
 * told at `debug`, which costs nothing where the logger does not write it.
 *
 * @example
 * const audit = pinoAudit(pino(), { secret: process.env.AUDIT_SECRET })
 *
 * @throws TypeError at construction, for what is no logger or an unknown option.
 */
export function pinoAudit(logger: AuditLogger, options: PinoAuditOptions = {}): Subscription {
  const check = optionCheck(FACTORY)
  check.known(options, ['secret', 'addresses', 'refusalsPerMinute'])
  if (!isLogger(logger)) check.refuse('logger', 'have debug, info, warn and error', logger)
  const hashed = keyedHash(check, options.secret)
  const addresses = check.oneOf('addresses', options.addresses, ['hashed', 'plain'], 'hashed')
  const sender = (address: string): string =>
    addresses === 'plain' ? address : hashed(`network ${networkOf(address)}`)
  const record = createAuditRecord({ hashed, sender })

  const thinning = thinningOf(check, options.refusalsPerMinute, logger)

  function write(event: AuthEvent): unknown {
    const { owasp, level } = auditRow(event)
    if (logger.isLevelEnabled?.(level) === false) return undefined
    const kind = kindOf(event)
    if (kind !== undefined && thinning?.admit(kind, networkOfEvent(event)) === false) {
      return undefined
    }
    return logger[level](record(event, owasp), event.name)
  }

  const listening = listen(FACTORY, write)
  return {
    stop() {
      listening.stop()
      thinning?.stop()
    },
  }
}

/** What clients can bring about as often as they like. Undefined for what is always written. */
function kindOf(event: AuthEvent): string | undefined {
  if (event.name === 'request.refused') return reasonLabel(event.reason)
  return CLIENTS_EVENTS.includes(event.name) ? event.name : undefined
}

const CLIENTS_EVENTS: readonly string[] = ['cors.rejected', 'csrf.reported', 'csrf.exempt']

function networkOfEvent(event: AuthEvent): string {
  const address = headOf(event)?.client.address ?? ''
  return address === '' ? '' : networkOf(address)
}

function thinningOf(
  check: OptionCheck,
  option: PinoAuditOptions['refusalsPerMinute'],
  logger: AuditLogger,
): Thinning | undefined {
  if (option === false) return undefined
  const range = { fallback: 100, min: 1, max: 1_000_000, integer: true }
  const limit = check.number('refusalsPerMinute', option, range)
  const failed = failureWarning(FACTORY)
  return createThinning(limit, systemTimer, ({ kind, count, networks }) => {
    const datetime = new Date().toISOString()
    const owasp = 'excess_rate_limit_exceeded'
    const what = { reason: kind, count, networks, window_seconds: WINDOW_SECONDS }
    callApp(() => logger.warn({ datetime, event: THINNED, owasp, ...what }, THINNED), failed)
  })
}

const THINNED = 'audit.thinned'

function keyedHash(check: OptionCheck, secret: Secret = randomBytes(32)): (text: string) => string {
  const [key] = deriveKeys(check, 'secret', [secret], 'audit/v1')
  return (text) => createHmac('sha256', key).update(text).digest('base64url').slice(0, 22)
}

function isLogger(value: unknown): value is AuditLogger {
  return isRecord(value) && LEVELS.every((level) => typeof value[level] === 'function')
}
