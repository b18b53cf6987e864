import { finding, type Finding } from '../finding.js'
import type { McpAnswer } from './ask.js'

/** What a client without a token is answered, which is where it learns how to get one. */
export function* examineChallenge(answer: McpAnswer): Generator<Finding> {
  const wrong = statusFault(answer)
  if (wrong !== undefined) {
    yield wrong
    return
  }
  const { challenge } = answer
  if (challenge === undefined) {
    yield finding('challenge', 'failed', '401 without a Bearer challenge in WWW-Authenticate', {
      cause: 'The guard in front is not one of OAuth, or a proxy drops the header.',
      fix: 'Answer by protectMcp, or requireBearer with protectedResourceMetadata; clients know no other way to log in.',
    })
    return
  }
  yield finding('challenge', 'ok', '401 with a Bearer challenge')
  if (!challenge.has('resource_metadata')) {
    yield finding('challenge', 'failed', 'The challenge has no resource_metadata', {
      cause: 'The guard does not know where its metadata are published.',
      fix: 'Mount protectedResourceMetadata or protectMcp: clients of revision 2025-06-18 look nowhere else (RFC 9728 §5.1).',
    })
  }
  if (challenge.has('error')) {
    yield finding(
      'challenge',
      'warning',
      `It says error="${challenge.get('error')}" though no token came`,
      {
        cause: 'The server takes "none" for "bad".',
        fix: 'Leave it out (RFC 6750 §3.1): clients that read it throw a stored login away.',
      },
    )
  }
  const scope = challenge.get('scope')
  if (scope === undefined) {
    yield finding('challenge', 'warning', 'It names no scope', {
      cause: 'The server asks for scopes later, or for none.',
      fix: 'Name the least that each request needs: clients else ask for all of scopes_supported.',
    })
  } else if (scope.split(' ').includes('offline_access')) {
    yield finding('challenge', 'warning', 'It asks for offline_access', {
      cause: 'Refresh tokens are an affair of client and authorization server.',
      fix: 'Leave it out of the challenge, as revision 2026-07-28 says.',
    })
  }
}

function statusFault({ status, location }: McpAnswer): Finding | undefined {
  if (status === 401) return undefined
  if (status >= 200 && status < 300) {
    return finding('challenge', 'failed', `${status} without a token: anybody may call the tools`, {
      cause: 'No guard stands in front of this path, or it lets tools/list pass.',
      fix: 'Mount the guard on the path itself, before the handler.',
    })
  }
  if (status >= 300 && status < 400) {
    return finding('challenge', 'failed', `${status}, to ${placeOf(location)}`, {
      cause: 'A sign-in page for browsers stands in front, or the path lacks a slash.',
      fix: 'Let the path answer 401 itself: clients of MCP do not follow it, or lose the token on the way.',
    })
  }
  if (status >= 500) {
    return finding('challenge', 'failed', `${status} without a token`, {
      cause: 'The guard fails where it should refuse.',
      fix: 'Answer 401: after a 5xx, clients give up instead of logging in.',
    })
  }
  const cause =
    status === 403
      ? 'A firewall or a check of Origin or Host stands before the guard.'
      : 'The path is not that of the MCP server, or the body is judged before the token.'
  return finding('challenge', 'failed', `${status} without a token, where 401 is due`, {
    cause,
    fix: 'Correct the URL, and let the guard be the first that answers.',
  })
}

/** Without its query, which may be secret. */
function placeOf(location = 'nowhere'): string {
  return location.split(/[?#]/)[0] ?? ''
}
