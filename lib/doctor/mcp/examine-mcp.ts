import { optionCheck } from '../../core/options/option-check.js'
import { documentsBy } from '../../keys/documents/documents.js'
import { compileNetwork, type NetworkOptions } from '../../net/network/network-options.js'
import type { Network } from '../../net/network/network.js'
import { notFetched } from '../fetch-faults.js'
import { finding, type Finding } from '../finding.js'
import { createJudge } from '../issuer/trust.js'
import { bareTokenIn, examineToken } from '../token.js'
import { askMcp, type McpAnswer } from './ask.js'
import { examineChallenge } from './challenge.js'
import { examineServer } from './issuer.js'
import { findResource, judgeResource, serversOf } from './resource.js'

export interface McpWish {
  readonly url: string
  /** What tokens have in "aud", where that is not the URL. */
  readonly audience: readonly string[] | undefined
  readonly network: NetworkOptions
}

export interface McpPlace {
  readonly url: URL
  readonly network: Network
}

const MAX_BYTES = 524_288
/** More is no list of a server's, and each costs a deadline. */
const MAX_SERVERS = 5

/** @throws TypeError for a URL that is none, or that would never be asked. */
export function mcpPlace({ url, network }: McpWish): McpPlace {
  const check = optionCheck('doctor')
  if (!URL.canParse(url)) return check.refuse('mcp', 'be the URL of an MCP server', url)
  return { url: new URL(url), network: compileNetwork(check, network, [new URL(url)]) }
}

/** Goes the way of a client that has no token yet: 401, metadata, authorization server, audience. */
export async function* examineMcp(
  wish: McpWish,
  { url, network }: McpPlace,
  token: string | undefined,
): AsyncGenerator<Finding> {
  let answer: McpAnswer
  try {
    answer = await askMcp(url, network)
  } catch (error) {
    yield notFetched('challenge', error)
    return
  }
  yield* examineChallenge(answer)
  const documents = documentsBy(network, MAX_BYTES)
  const named = answer.challenge?.get('resource_metadata')
  const document = yield* findResource(url, named, documents)
  if (document === undefined) {
    yield finding('resource', 'failed', 'There are no metadata of this resource', {
      cause: 'Nothing is served at /.well-known/oauth-protected-resource.',
      fix: 'Mount protectMcp().metadata, or protectedResourceMetadata, without a guard before it.',
    })
    return
  }
  yield* judgeResource(wish.url, document)
  const good: string[] = []
  for (const server of serversOf(document.members).slice(0, MAX_SERVERS)) {
    if (yield* examineServer(server, documents)) good.push(server)
  }
  if (token === undefined || good.length === 0) {
    const why = token === undefined ? 'None came on standard input' : 'Nobody can judge it'
    yield finding('token', 'skipped', why)
    return
  }
  const passes = yield* examineAudience(wish, good, token)
  const sent = bareTokenIn(token)
  if (typeof sent === 'string') yield await compare({ url, network }, sent, passes)
}

/** By all authorization servers that the metadata name. Returns whether the token is for this resource. */
async function* examineAudience(
  { url, audience = [url], network }: McpWish,
  servers: readonly string[],
  token: string,
): AsyncGenerator<Finding, boolean> {
  const judge = createJudge({ issuers: servers.map((issuer) => ({ issuer, audience, network })) })
  try {
    let passes = true
    for await (const found of examineToken(token, judge)) {
      passes &&= found.status !== 'failed'
      yield found
    }
    return passes
  } finally {
    judge.issuers.close()
  }
}

/** The server's own verdict against ours. It is asked for its list of tools, which changes nothing. */
async function compare(
  { url, network }: McpPlace,
  token: string,
  passes: boolean,
): Promise<Finding> {
  let answer: McpAnswer
  try {
    answer = await askMcp(url, network, token)
  } catch (error) {
    return notFetched('access', error)
  }
  const { status, challenge } = answer
  const said = challenge?.get('error') ?? 'no error'
  if (status === 401 || status === 403) {
    const detail = `The server answers ${status} to this token (${said})`
    if (!passes) return finding('access', 'ok', `${detail}, as it should`)
    return finding('access', 'failed', detail, {
      cause: 'Its issuer, audience or scopes are set otherwise than its metadata say.',
      fix: `Let the guard take the audience that stands in the token; scope wanted: ${challenge?.get('scope') ?? 'none named'}.`,
    })
  }
  if (status >= 500) {
    return finding('access', 'failed', `The server answers ${status} to this token`, {
      cause: 'The server does not reach its keys or its denylist, or fails.',
      fix: 'Run doctor --issuer from the machine of the server; see its log.',
    })
  }
  if (passes) return finding('access', 'ok', `The server takes this token: ${status}`)
  return finding('access', 'failed', `The server takes a token that is not for it: ${status}`, {
    cause:
      'It does not compare "aud" with its resource, or its audience is not that of --audience.',
    fix: 'Set "audience": tokens of any other API of this issuer open this server too (RFC 9068 §4).',
  })
}
