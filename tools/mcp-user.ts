import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import type {
  DpopSession,
  OAuthClientProvider,
  OAuthDiscoveryState,
  StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import { APP } from '../examples/demo/provider.js'
import { followLogin } from '../examples/demo/login.js'
import { openUserAgent } from '../examples/demo/user-agent.js'

/** A user with the client of the SDK, which finds the issuer by itself, and a new browser for each login. */
export interface McpUser {
  /** Calls a tool, and logs the user in wherever the client wants that. */
  call(tool: string): Promise<string>
  /** Names of the tools that the server tells of. */
  list(): Promise<readonly string[]>
  /** Scopes that the client asked the user for, login by login. */
  readonly logins: string[]
  /** What the client holds. */
  token(): string | undefined
}

/**
 * @param mode How the client comes to a revision: `legacy` is 2025-11-25, `auto` the newest that both know.
 * @param dpop With it, the client asks for bound tokens and proves them (RFC 9449).
 */
export function openMcpUser(
  url: string,
  user: string,
  mode: 'legacy' | 'auto',
  dpop?: DpopSession,
): McpUser {
  const logins: string[] = []
  let tokens: StoredOAuthTokens | undefined
  let verifier = ''
  let discovered: OAuthDiscoveryState | undefined
  let callbacks: URL[] = []
  const authProvider: OAuthClientProvider = {
    redirectUrl: APP.redirectUri,
    clientMetadata: { redirect_uris: [APP.redirectUri], client_name: 'A client of MCP' },
    clientInformation: () => ({ client_id: APP.id }),
    tokens: () => tokens,
    saveTokens: (saved) => void (tokens = saved),
    saveCodeVerifier: (saved) => void (verifier = saved),
    codeVerifier: () => verifier,
    saveDiscoveryState: (state) => void (discovered = state),
    discoveryState: () => discovered,
    ...(dpop && { dpop: () => dpop }),
    async redirectToAuthorization(authorization) {
      logins.push(authorization.searchParams.get('scope') ?? '')
      callbacks.push(await followLogin(openUserAgent(), authorization, user))
    },
  }

  /** Acts as a host whose client says that its user must log in. */
  async function loggedIn<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const transport = new StreamableHTTPClientTransport(new URL(url), { authProvider })
    const client = new Client({ name: 'test', version: '1.0.0' }, { versionNegotiation: { mode } })
    callbacks = []
    try {
      await client.connect(transport)
      return await use(client)
    } catch (error) {
      const [callback] = callbacks
      if (callback === undefined) throw error
      await transport.finishAuth(callback.searchParams)
      return await loggedIn(use)
    } finally {
      await client.close()
    }
  }

  return {
    logins,
    call: (name) =>
      loggedIn(async (client) => {
        const { content } = await client.callTool({ name, arguments: {} })
        return content.map((part) => (part.type === 'text' ? part.text : part.type)).join()
      }),
    list: () =>
      loggedIn(async (client) => (await client.listTools()).tools.map(({ name }) => name)),
    token: () => tokens?.access_token,
  }
}
