import { AuthError } from '../../../core/verdicts/errors.js'
import { isRecord, messageOf } from '../../../core/values.js'
import { FetchError } from '../../../net/fetch-error.js'
import { postForm, type PostedAnswer } from '../../../net/fetch/post-form.js'
import { isJsonType } from '../../../net/fetch/response-headers.js'
import type { IssuerPolicy } from '../../issuers/policy/policy.js'
import { judgeJson } from '../../jwt/strict-json.js'
import type { Answer, Question } from './answer.js'
import type { Endpoint } from './endpoint.js'
import { loadOauth } from './oauth.js'
import type { IntrospectionSettings } from './options.js'
import { openSigned, verifySigned } from './signed-answer.js'

const SIGNED_TYPE = 'application/token-introspection+jwt'

/**
 * One call to an introspection endpoint (RFC 7662 §2). The token is in the body, and in nothing that is
 * thrown.
 *
 * @throws FetchError where there is no usable answer.
 * @returns the refusal where the issuer's keys cannot be had.
 */
export async function callEndpoint(question: Question): Promise<Answer | AuthError> {
  const oauth = await loadOauth()
  const { token, endpoint, policy, settings, sender, signal } = question
  const { clientId, clientAuth, signed, maxBytes } = settings
  const issuer = policy.issuers[0] ?? ''
  const as = {
    issuer,
    introspection_endpoint: endpoint.url.href,
    introspection_signing_alg_values_supported: signingAlgorithms(endpoint, policy),
  }
  const client = { client_id: clientId, [oauth.clockTolerance]: policy.clockToleranceSeconds }
  let posted: PostedAnswer | undefined
  let signature = ''
  try {
    const response = await oauth.introspectionRequest(
      as,
      client,
      (_as, _client, parameters, headers) =>
        clientAuth.authenticate({ issuer, clientId, parameters, headers }),
      token,
      {
        requestJwtResponse: signed,
        additionalParameters: { token_type_hint: 'access_token' },
        // Plain http is judged by the address guard, which knows loopback from the rest.
        [oauth.allowInsecureRequests]: true,
        [oauth.customFetch]: async (_url, { body, headers }) => {
          const { certificate } = clientAuth
          const { network } = endpoint
          const form = { body: String(body), headers, certificate }
          posted = await postForm(endpoint.url, form, { signal, maxBytes, network })
          ensureType(posted, signed)
          signature = posted.text
          return new Response(posted.text, { headers: { 'content-type': typeOf(posted) } })
        },
      },
    )
    const body = await oauth.processIntrospectionResponse(as, client, response, {
      async [oauth.jweDecrypt](jwe) {
        signature = await openSigned(jwe, policy, sender)
        return signature
      },
    })
    if (signed) return await verifySigned(signature, question)
    ensureText(posted?.text ?? '', body)
    return { active: body.active, claims: body, key: undefined }
  } catch (error) {
    if (error instanceof AuthError) return error
    throw error instanceof FetchError ? error : new FetchError(helped(messageOf(error), settings))
  }
}

/** Some issuers name the audience of the token in its place, and their signed answers are none for us. */
function helped(message: string, { signed, clientId }: IntrospectionSettings): string {
  if (!signed || !message.includes('"aud"')) return message
  return `${message}: with "introspection.signed", the answer must name our "clientId", "${clientId}"`
}

function signingAlgorithms({ algorithms }: Endpoint, policy: IssuerPolicy): string[] {
  const allowed = [...policy.algorithms]
  return algorithms === undefined
    ? allowed
    : allowed.filter((algorithm) => algorithms.includes(algorithm))
}

function typeOf({ contentType }: PostedAnswer): string {
  const [type = ''] = contentType.toLowerCase().split(';')
  return type.trim()
}

/** A signed answer is never taken unverified, nor a plain one where a signature is wanted. */
function ensureType(posted: PostedAnswer, signed: boolean): void {
  const type = typeOf(posted)
  if ((type === SIGNED_TYPE) !== signed) {
    const wanted = signed ? 'signed, as "introspection.signed" wants' : 'plain'
    throw new FetchError(`The answer is not ${wanted}`)
  }
  if (!signed && !isJsonType({ 'content-type': type })) {
    throw new FetchError('The answer is not of type application/json')
  }
}

/** Of two members "active" each parser believes the one it likes. */
function ensureText(text: string, body: unknown): void {
  if (!isRecord(body) || judgeJson(text, body, 'answer') !== undefined) {
    throw new FetchError('The answer has duplicate names, or half of a surrogate pair')
  }
}
