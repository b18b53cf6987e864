import type { Attackers } from './attackers.js'

/** What a button does, and which code is at work then. */
export interface Action {
  readonly id: string
  readonly label: string
  readonly hint: string
  /** `call`: the page asks the API; `stage`: the server acts; `link`: the browser goes there; `frame`: somebody's page is opened. */
  readonly does: 'call' | 'stage' | 'link' | 'frame'
  readonly method?: 'GET' | 'POST' | 'DELETE'
  readonly path?: string
  /** Whether GET /api/notes follows, to show what changed. */
  readonly thenCall?: boolean
  /** File and regions of `codeOf`. */
  readonly code: Code
}

export interface ActionGroup {
  readonly title: string
  readonly actions: readonly Action[]
}

type Code = readonly [file: string, ...regions: string[]]

const GUARDS: Code = ['./notes-api.ts', 'call']
const DENYLIST: Code = ['./notes-api.ts', 'call', 'denylist']
const OTHER_APIS = './other-apis.ts'

/** All buttons, in the order of a first visit. */
export function actionGroups(
  issuer: string,
  origin: string,
  { evil, sibling }: Attackers,
): readonly ActionGroup[] {
  const ending = new URLSearchParams({
    client_id: 'notes-page',
    post_logout_redirect_uri: `${origin}/`,
  })
  return [
    {
      title: 'Use the API',
      actions: [
        call('call', 'Read the notes', 'the cookie carries the token', 'GET', route('read')),
        call('write', 'Write a note', 'unsafe: the CSRF check counts', 'POST', route('write')),
        call(
          'no-scope',
          'Delete all notes',
          'a scope you were not granted',
          'DELETE',
          route('delete'),
        ),
      ],
    },
    {
      title: 'End a login',
      actions: [
        {
          id: 'logout',
          label: 'Log out',
          hint: 'revokes the session',
          does: 'call',
          method: 'POST',
          path: '/api/logout',
          code: ['./notes-api.ts', 'logout'],
        },
        stage('replay', 'Replay the old token', 'a thief has a copy', DENYLIST),
        {
          id: 'logout-issuer',
          label: 'Log out at the issuer',
          hint: 'it tells the API by back channel',
          does: 'link',
          path: `${issuer}/session/end?${ending.toString()}`,
          code: ['./site.ts', 'back-channel'],
        },
        {
          ...stage('revoke-user', 'Revoke the user', 'all tokens, on all devices', [
            './levers/revocation.ts',
            'revoke-user',
          ]),
          thenCall: true,
        },
      ],
    },
    {
      title: 'Break what it depends on',
      actions: [
        stage('rotate', 'Rotate the signing key', 'and withdraw the old one', GUARDS),
        { ...stage('cut-redis', 'Cut Redis', 'connections break', DENYLIST), thenCall: true },
        {
          ...stage('hold-redis', 'Black-hole Redis', 'nothing comes back', DENYLIST),
          thenCall: true,
        },
        {
          ...stage('heal-redis', 'Heal Redis', 'the next request passes', DENYLIST),
          thenCall: true,
        },
      ],
    },
    {
      title: 'Attack it',
      actions: [
        frame('evil', 'From another site', 'its page posts in your name', `${evil}/forge`),
        frame('sibling', 'From a sibling', 'same site: your cookie travels', `${sibling}/forge`),
        frame(
          'bounce',
          'By a 307 redirect',
          'which repeats a POST elsewhere',
          `${evil}/redirected`,
        ),
        {
          ...frame('toss', 'With a tossed cookie', 'planted by a sibling', `${sibling}/toss`),
          thenCall: true,
        },
        stage('two-cookies', 'With two cookies', 'of one name', GUARDS),
        stage('flood', 'With a flood of bad tokens', 'from one address', GUARDS),
      ],
    },
    {
      title: 'Other tokens',
      actions: [
        stage('opaque', 'An opaque token', 'the issuer is asked', [OTHER_APIS, 'opaque']),
        stage('dpop', 'A token bound to a key', 'DPoP: a copy is worthless', [OTHER_APIS, 'dpop']),
        stage('mcp', 'An MCP tool', 'an agent calls it', ['./mcp-api.ts', 'mcp']),
      ],
    },
  ]
}

/** All that a request to this route passes. */
function route(region: string): Code {
  return ['./notes-api.ts', 'call', 'denylist', region]
}

function call(
  id: string,
  label: string,
  hint: string,
  method: NonNullable<Action['method']>,
  code: Code,
): Action {
  return { id, label, hint, does: 'call', method, path: '/api/notes', code }
}

function stage(id: string, label: string, hint: string, code: Code): Action {
  return { id, label, hint, does: 'stage', path: `/stage/${id}`, code }
}

function frame(id: string, label: string, hint: string, path: string): Action {
  return { id, label, hint, does: 'frame', path, code: GUARDS }
}
