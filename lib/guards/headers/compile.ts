import {
  crossOriginOpenerPolicy,
  crossOriginResourcePolicy,
  originAgentCluster,
  referrerPolicy,
  strictTransportSecurity,
  xContentTypeOptions,
  xFrameOptions,
} from 'helmet'
import { atOnce } from '../../core/app-function.js'
import type { OptionCheck } from '../../core/options/option-check.js'
import { isRecord } from '../../core/values.js'
import type { Middleware } from '../../http/guard/middleware.js'
import { compileCsp, type CompiledCsp, type CspDirectives } from './csp.js'
import { PRESETS, type Preset, type SecurityHeadersPreset } from './presets.js'
import { recordHeaders, type HeaderLine } from './record.js'

export interface SecurityHeadersOptions {
  /** `api` for JSON, `web` for pages. @default 'api' */
  readonly preset?: SecurityHeadersPreset | undefined
  /**
   * Directives to put over those of the preset (null takes one away), or a function from the
   * preset's directives to those to send. The source `'nonce-{nonce}'` stands for the nonce of the
   * response. false sends no policy. @default that of the preset
   */
  readonly contentSecurityPolicy?:
    | false
    | Readonly<Record<string, readonly string[] | null>>
    | ((directives: CspDirectives) => CspDirectives)
    | undefined
  /** Sends the policy as `Content-Security-Policy-Report-Only`. @default false */
  readonly cspReportOnly?: boolean | undefined
  /** `Strict-Transport-Security`. Never sent to localhost or an IP address, which it could only lock out (RFC 6797 §8.1.1). @default one year with subdomains */
  readonly strictTransportSecurity?: false | StrictTransportSecurityOptions | undefined
  /** `Cross-Origin-Opener-Policy`: pages of other origins get no hold on our windows. @default 'same-origin' */
  readonly crossOriginOpenerPolicy?: false | (typeof OPENER_POLICIES)[number] | undefined
  /** `Cross-Origin-Resource-Policy`: pages of other origins cannot embed our answers. Does not hinder CORS. @default 'same-origin' */
  readonly crossOriginResourcePolicy?: false | (typeof RESOURCE_POLICIES)[number] | undefined
  /** `X-Frame-Options`, for browsers that do not know `frame-ancestors`. @default 'deny' */
  readonly frameOptions?: false | (typeof FRAME_OPTIONS)[number] | undefined
  /** `Referrer-Policy`: how much of our URLs other sites are told. @default 'no-referrer' in `api`, 'strict-origin-when-cross-origin' in `web` */
  readonly referrerPolicy?: false | (typeof REFERRER_POLICIES)[number] | undefined
  /** Features with their allowlists, over those of the preset: `{ camera: '(self)' }`; null takes one away. @default powerful features denied in `web`, none in `api` */
  readonly permissionsPolicy?: false | Readonly<Record<string, string | null>> | undefined
  /** `Cache-Control`, set before the handler, which can choose another. @default 'no-store' in `api`, none in `web` */
  readonly cacheControl?: false | string | undefined
}

export interface StrictTransportSecurityOptions {
  /** How long browsers keep to https, in seconds. @default 31536000, one year */
  readonly maxAgeSeconds?: number | undefined
  /** Binds all subdomains as well. @default true */
  readonly includeSubDomains?: boolean | undefined
  /** Asks to be put on the browsers' own lists, which is hard to undo. @default false */
  readonly preload?: boolean | undefined
}

const OPTION_NAMES: readonly (keyof SecurityHeadersOptions)[] = [
  'preset',
  'contentSecurityPolicy',
  'cspReportOnly',
  'strictTransportSecurity',
  'crossOriginOpenerPolicy',
  'crossOriginResourcePolicy',
  'frameOptions',
  'referrerPolicy',
  'permissionsPolicy',
  'cacheControl',
]

const OPENER_POLICIES = [
  'same-origin',
  'same-origin-allow-popups',
  'noopener-allow-popups',
  'unsafe-none',
] as const
const RESOURCE_POLICIES = ['same-origin', 'same-site', 'cross-origin'] as const
const FRAME_OPTIONS = ['deny', 'sameorigin'] as const
const REFERRER_POLICIES = [
  'no-referrer',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
  'no-referrer-when-downgrade',
] as const

/** All that can be known before a request comes. */
export interface CompiledHeaders {
  /** In every response. */
  readonly fixed: readonly HeaderLine[]
  /** In responses of named hosts only. */
  readonly transportSecurity: HeaderLine | undefined
  readonly csp: CompiledCsp | undefined
}

export function compileHeaders(
  check: OptionCheck,
  options: SecurityHeadersOptions,
): CompiledHeaders {
  check.known(options, OPTION_NAMES)
  const preset = PRESETS[check.oneOf('preset', options.preset, ['api', 'web'], 'api')]
  const csp = cspOf(check, options, preset)
  const opener = choice(check, options, 'crossOriginOpenerPolicy', OPENER_POLICIES, 'same-origin')
  const resource = choice(
    check,
    options,
    'crossOriginResourcePolicy',
    RESOURCE_POLICIES,
    'same-origin',
  )
  const frames = choice(check, options, 'frameOptions', FRAME_OPTIONS, 'deny')
  const referrer = choice(
    check,
    options,
    'referrerPolicy',
    REFERRER_POLICIES,
    preset.referrerPolicy,
  )
  const middlewares: readonly (Middleware | false)[] = [
    xContentTypeOptions(),
    frames !== false && xFrameOptions({ action: frames }),
    resource !== false && crossOriginResourcePolicy({ policy: resource }),
    opener !== false && crossOriginOpenerPolicy({ policy: opener }),
    referrer !== false && referrerPolicy({ policy: referrer }),
    preset.originAgentCluster && originAgentCluster(),
  ]
  const fixed = middlewares.flatMap((middleware) =>
    middleware === false ? [] : recordHeaders(middleware),
  )
  const permissions = permissionsOf(check, options.permissionsPolicy, preset)
  if (permissions !== '') fixed.push(['Permissions-Policy', permissions])
  const cacheControl = cacheControlOf(check, options.cacheControl, preset)
  if (cacheControl !== false) fixed.push(['Cache-Control', cacheControl])
  if (csp !== undefined) fixed.unshift([csp.name, csp.plain])
  return { fixed, transportSecurity: transportSecurityOf(check, options), csp }
}

function choice<Name extends keyof SecurityHeadersOptions, T extends string>(
  check: OptionCheck,
  options: SecurityHeadersOptions & Readonly<Partial<Record<Name, T | false | undefined>>>,
  name: Name,
  choices: readonly T[],
  fallback: T,
): T | false {
  const value = options[name]
  return value === false ? false : check.oneOf(name, value, choices, fallback)
}

function cspOf(
  check: OptionCheck,
  options: SecurityHeadersOptions,
  preset: Preset,
): CompiledCsp | undefined {
  const reportOnly = check.boolean('cspReportOnly', options.cspReportOnly, false)
  const { contentSecurityPolicy: option = {} } = options
  if (option === false) return undefined
  const directives =
    typeof option === 'function'
      ? atOnce(option(preset.contentSecurityPolicy))
      : withoutNulls({
          ...preset.contentSecurityPolicy,
          ...recordOf(check, 'contentSecurityPolicy', option),
        })
  return compileCsp(check, directives, reportOnly)
}

function transportSecurityOf(
  check: OptionCheck,
  { strictTransportSecurity: option = {} }: SecurityHeadersOptions,
): HeaderLine | undefined {
  if (option === false) return undefined
  check.known(option, ['maxAgeSeconds', 'includeSubDomains', 'preload'], {
    within: 'strictTransportSecurity',
  })
  const maxAge = check.number('maxAgeSeconds', option.maxAgeSeconds, {
    fallback: 31_536_000,
    min: 0,
    max: Number.MAX_SAFE_INTEGER,
    integer: true,
  })
  const includeSubDomains = check.boolean('includeSubDomains', option.includeSubDomains, true)
  const preload = check.boolean('preload', option.preload, false)
  return recordHeaders(strictTransportSecurity({ maxAge, includeSubDomains, preload }))[0]
}

/** A structured-field dictionary: features to `*`, `()`, or a list of `self` and quoted origins. */
function permissionsOf(
  check: OptionCheck,
  option: SecurityHeadersOptions['permissionsPolicy'],
  preset: Preset,
): string {
  if (option === false) return ''
  const changes = option === undefined ? {} : recordOf(check, 'permissionsPolicy', option)
  const features = Object.entries(withoutNulls({ ...preset.permissionsPolicy, ...changes }))
  const bad = features.find(
    ([name, allowlist]) => !/^[a-z][a-z-]*$/.test(name) || !ALLOWLIST.test(allowlist),
  )
  if (bad !== undefined) {
    check.refuse('permissionsPolicy', 'map features to "*", "()" or "(self)"', bad.join('='))
  }
  return features.map(([name, allowlist]) => `${name}=${allowlist}`).join(', ')
}

const ALLOWLIST = /^(?:\*|\((?:[!#-'*-[\]-~ ]|"[!#-[\]-~]*")*\))$/

function cacheControlOf(
  check: OptionCheck,
  option: SecurityHeadersOptions['cacheControl'],
  preset: Preset,
): string | false {
  if (option === undefined || option === false) return option ?? preset.cacheControl
  const value = check.string('cacheControl', option)
  if (!/^[ -~]+$/.test(value)) check.refuse('cacheControl', 'be printable ASCII', value)
  return value
}

function recordOf<T extends object>(check: OptionCheck, name: string, value: T): T {
  if (!isRecord(value)) check.refuse(name, 'be an object or false', value)
  return value
}

function withoutNulls<T>(values: Readonly<Record<string, T | null>>): Record<string, T> {
  const kept: Record<string, T> = {}
  for (const [name, value] of Object.entries(values)) if (value !== null) kept[name] = value
  return kept
}
