import { messageOf } from '../core/values.js'
import { readArguments, USAGE, UsageError, type Wishes } from './arguments.js'
import { examineConfig, loadConfig } from './config/examine-config.js'
import { finding, type Finding } from './finding.js'
import { examineIssuer } from './issuer/examine-issuer.js'
import { createDoctorTrust, type DoctorTrust } from './issuer/trust.js'
import { examineMcp, mcpPlace } from './mcp/examine-mcp.js'
import { ourVersion, printFinding, printJson, printSummary, type Output } from './print.js'
import { readToken } from './read-token.js'
import { examineRedis, redisSettings } from './redis/examine-redis.js'
import { examineToken } from './token.js'

/** Of the process: all is well, something is wrong, the command itself is. */
export type ExitCode = 0 | 1 | 2

export interface Surroundings {
  readonly stdin: Parameters<typeof readToken>[0]
  readonly stdout: Output
  readonly stderr: Output
}

/** Runs the command. Never rejects: every fault is a line on stderr. */
export async function run(argv: readonly string[], around: Surroundings): Promise<ExitCode> {
  try {
    return await examine(readArguments(argv), around)
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    around.stderr.write(`${error.message}\nTry: express-resource-server doctor --help\n`)
    return 2
  }
}

async function examine(wishes: Wishes, around: Surroundings): Promise<ExitCode> {
  const { stdout } = around
  if (wishes.help) return say(USAGE, stdout)
  if (wishes.version) return say(`${ourVersion()}\n`, stdout)
  const findings: Finding[] = []
  for await (const found of all(wishes, around)) {
    findings.push(found)
    if (!wishes.json) printFinding(found, stdout)
  }
  if (wishes.json) printJson(findings, stdout)
  else printSummary(findings, stdout)
  return findings.some(({ status }) => status === 'failed') ? 1 : 0
}

function say(text: string, to: Output): ExitCode {
  to.write(text)
  return 0
}

/** All options are judged before the first look. */
async function* all(
  { issuer, mcp, redis, config }: Wishes,
  { stdin }: Surroundings,
): AsyncGenerator<Finding> {
  const trust = issuer && checked(() => createDoctorTrust(issuer))
  const place = mcp && checked(() => mcpPlace(mcp))
  const settings = redis && checked(() => redisSettings(redis))
  const exported = config === undefined ? undefined : await loaded(config)
  if (trust !== undefined) yield* issuerAndToken(trust, stdin)
  if (mcp !== undefined && place !== undefined) {
    yield* examineMcp(mcp, place, await readToken(stdin))
  }
  if (redis !== undefined && settings !== undefined) yield* examineRedis(redis, settings)
  if (config !== undefined && exported !== undefined) yield* examineConfig(config, exported)
}

async function* issuerAndToken(
  trust: DoctorTrust,
  stdin: Surroundings['stdin'],
): AsyncGenerator<Finding> {
  try {
    yield* examineIssuer(trust)
    const token = await readToken(stdin)
    if (token !== undefined) yield* examineToken(token, trust)
    else yield finding('token', 'skipped', 'None came on standard input')
  } finally {
    trust.issuers.close()
  }
}

async function loaded(config: string): Promise<readonly unknown[]> {
  try {
    return await loadConfig(config)
  } catch (error) {
    // The rest of it is a stack.
    throw new UsageError(`--config ${config}: ${messageOf(error).split('\n')[0]}`)
  }
}

/** Options are judged by those who take them, in their own words. */
function checked<T>(make: () => T): T {
  try {
    return make()
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(messageOf(error))
    throw error
  }
}
