import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { codeOf, messageOf } from '../core/values.js'
import type { NetworkOptions } from '../net/network/network-options.js'
import type { IssuerFields, IssuerOptions } from '../tokens/issuers/policy/options.js'

/** What is wrong with the command itself: told without any check, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What the command was asked to look at. */
export interface Wishes {
  readonly issuer: IssuerOptions | undefined
  readonly mcp:
    | {
        readonly url: string
        readonly audience: readonly string[] | undefined
        readonly network: NetworkOptions
      }
    | undefined
  readonly redis: { readonly url: string; readonly name: string | undefined } | undefined
  /** A file with an app or its guards. */
  readonly config: string | undefined
  readonly json: boolean
  readonly help: boolean
  readonly version: boolean
}

const OPTIONS = {
  issuer: { type: 'string' },
  audience: { type: 'string', multiple: true },
  'client-id': { type: 'string', multiple: true },
  'jwks-uri': { type: 'string' },
  'discovery-url': { type: 'string' },
  profile: { type: 'string' },
  ca: { type: 'string' },
  'allow-loopback': { type: 'string', multiple: true },
  'dangerously-allow-http': { type: 'string', multiple: true },
  config: { type: 'string' },
  mcp: { type: 'string' },
  redis: { type: 'string' },
  name: { type: 'string' },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
  version: { type: 'boolean', default: false },
} as const

export const USAGE = `Usage: express-resource-server doctor [options]

Looks at what an API depends on, and says what is wrong and how to mend it.
A token on standard input is judged as requireBearer would, and never printed:

  echo "$TOKEN" | npx express-resource-server doctor --issuer https://id.example.com --audience https://api.example.com

  --issuer URL                   the "iss" of the tokens
  --audience NAME                a name of this API in "aud"; may be repeated
  --client-id ID                 a client whose tokens are taken; without --audience, for tokens that have no "aud"
  --jwks-uri URL                 where the keys are, without discovery
  --discovery-url URL            where the metadata are, if not by the name of the issuer
  --profile NAME                 lenient (default), rfc9068 or id_token
  --ca FILE                      a CA of your own, in PEM
  --allow-loopback HOST          as the option network of requireBearer; may be repeated
  --dangerously-allow-http HOST  the same
  --mcp URL                      an MCP server: goes the way of a client from its 401 on; takes --audience
                                 where tokens name something else than the URL
  --config FILE                  runs a module that exports an app or its guards, and rates them
  --redis URL                    the Redis of redisRevocationStore
  --name NAME                    its option "name", default revocations
  --json                         findings for a machine
  --version, --help

Exit code: 0 all is well (there may be warnings), 1 something is wrong, 2 the command is.
`

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Wishes {
  const { values, positionals } = parsed(argv)
  const { help, version, json } = values
  if (!help && !version && (positionals.length !== 1 || positionals[0] !== 'doctor')) {
    throw new UsageError('The one command there is: doctor')
  }
  const looked = [values.issuer, values.mcp, values.redis, values.config].filter(
    (value) => value !== undefined,
  )
  if (!help && !version && looked.length === 0) {
    throw new UsageError(
      'Say what to look at: --issuer with --audience, --mcp, --config or --redis',
    )
  }
  if (values.issuer !== undefined && values.mcp !== undefined) {
    throw new UsageError('--mcp finds the issuer by itself: leave out --issuer')
  }
  const subjects = { issuer: issuerOf(values), mcp: mcpOf(values), redis: redisOf(values) }
  return { ...subjects, config: values.config, json, help, version }
}

type Values = ReturnType<typeof parsed>['values']

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true })
  } catch (error) {
    if (codeOf(error)?.startsWith('ERR_PARSE_ARGS') === true) throw new UsageError(messageOf(error))
    throw error
  }
}

/** Options are judged as those of an app are: two places of keys are told with the fix. */
function issuerOf(values: Values): IssuerOptions | undefined
function issuerOf(values: Values): IssuerFields | undefined {
  const { issuer, audience, 'client-id': clientId, profile } = values
  if (issuer === undefined) return undefined
  if (audience === undefined && clientId === undefined) {
    throw new UsageError('Say for whom tokens must be: --audience, or --client-id')
  }
  const { 'jwks-uri': jwksUri, 'discovery-url': discoveryUrl } = values
  return {
    issuer,
    audience: audience ?? false,
    ...(clientId && { clientId }),
    ...(jwksUri !== undefined && { jwksUri }),
    ...(discoveryUrl !== undefined && { discoveryUrl }),
    ...(profile !== undefined && { profile: profileOf(profile) }),
    network: networkOf(values),
  }
}

const PROFILES = ['lenient', 'rfc9068', 'id_token'] as const

function profileOf(text: string): (typeof PROFILES)[number] {
  const profile = PROFILES.find((name) => name === text)
  if (profile === undefined) throw new UsageError(`--profile is one of ${PROFILES.join(', ')}`)
  return profile
}

function networkOf(values: Values): NetworkOptions {
  const { ca, 'allow-loopback': allowLoopback, 'dangerously-allow-http': http } = values
  return {
    ...(ca !== undefined && { ca: readCa(ca) }),
    ...(allowLoopback && { allowLoopback }),
    ...(http && { dangerouslyAllowHttp: http }),
  }
}

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`--ca: ${messageOf(error)}`)
  }
}

function mcpOf(values: Values): Wishes['mcp'] {
  const { mcp: url, audience } = values
  return url === undefined ? undefined : { url, audience, network: networkOf(values) }
}

function redisOf({ redis, name }: Values): Wishes['redis'] {
  if (redis !== undefined) return { url: redis, name }
  if (name !== undefined) throw new UsageError('--name is that of the store in --redis')
  return undefined
}
