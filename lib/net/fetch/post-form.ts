import { exceedsDepth } from '../../core/json-depth.js'
import { boundedFetch, type BoundedRequest, type FetchLimits } from './bounded-fetch.js'
import { FetchError } from '../fetch-error.js'
import { retryAfterSeconds } from './response-headers.js'
import { readText } from './response-text.js'

/** An answer of status 200. */
export interface PostedAnswer {
  readonly contentType: string
  readonly text: string
}

const MAX_DEPTH = 64

/**
 * Posts a form, as `boundedFetch` does.
 *
 * @throws FetchError for whatever goes wrong, with the status where it was not 200; never anything else.
 */
export function postForm(
  url: URL,
  post: Omit<BoundedRequest, 'method'>,
  limits: FetchLimits,
): Promise<PostedAnswer> {
  const headers = { ...post.headers, 'content-length': String(Buffer.byteLength(post.body ?? '')) }
  return boundedFetch(url, { ...post, headers, method: 'POST' }, limits, async (response) => {
    const { statusCode: status = 0, headers: told } = response
    if (status !== 200) {
      const asked = retryAfterSeconds(told)
      throw new FetchError(`The answer is ${status}`, { status, retryAfterSeconds: asked })
    }
    const text = await readText(response, limits.maxBytes)
    if (exceedsDepth(text, MAX_DEPTH)) throw new FetchError('The answer is nested too deeply')
    return { contentType: told['content-type'] ?? '', text }
  })
}
