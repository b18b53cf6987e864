import type { IncomingMessage, ServerResponse } from 'node:http'
import type { interactionPolicy, Provider } from 'oidc-provider'

export type Policies = typeof interactionPolicy

/**
 * RFC 9470 §5: `acr_values` is a wish to OpenID Connect, and its provider must be told to heed it: where
 * the session was not made so, the user logs in again.
 */
export function heedAcr({ base, Check }: Policies): ReturnType<Policies['base']> {
  const policy = base()
  policy.get('login')?.checks.add(
    new Check('acr', 'another login is asked for', (ctx) => {
      const wanted = acrValuesIn(ctx.oidc.params)
      const { acr } = ctx.oidc.session ?? {}
      return wanted.length > 0 && !wanted.includes(acr ?? '')
    }),
  )
  return policy
}

export interface AutomaticLogin {
  readonly accountId: string
  readonly clientId: string
  readonly audience: string
  readonly scope: string
  /** How long ago the login seems to have been. @default now */
  secondsAgo?(parameters: Readonly<Record<string, unknown>>): number
  onLogin?(): void
}

/** What a user does at the provider: logs in by whatever `acr_values` asks for, and consents. */
export async function logInByItself(
  oidc: Provider,
  req: IncomingMessage,
  res: ServerResponse,
  user: AutomaticLogin,
): Promise<void> {
  const { prompt, params, session } = await oidc.interactionDetails(req, res)
  if (prompt.name === 'login') {
    user.onLogin?.()
    const [acr = 'pwd'] = acrValuesIn(params)
    const ago = user.secondsAgo?.(params) ?? 0
    const { accountId } = user
    const login = { accountId, acr, ts: Math.floor(Date.now() / 1000) - ago }
    await oidc.interactionFinished(req, res, { login }, { mergeWithLastSubmission: false })
    return
  }
  const grant = new oidc.Grant({ accountId: session?.accountId ?? '', clientId: user.clientId })
  grant.addOIDCScope('openid')
  grant.addResourceScope(user.audience, user.scope)
  const consent = { grantId: await grant.save() }
  await oidc.interactionFinished(req, res, { consent }, { mergeWithLastSubmission: true })
}

function acrValuesIn(parameters: Readonly<Record<string, unknown>> = {}): readonly string[] {
  const { acr_values: wanted } = parameters
  return typeof wanted === 'string' ? wanted.split(' ') : []
}
