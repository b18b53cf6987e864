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
  /** File and region of `codeOf`. */
  readonly code: readonly [file: string, region: string]
}

export interface ActionGroup {
  readonly title: string
  readonly actions: readonly Action[]
}

const API = './notes-api.ts'

export const ACTION_GROUPS: readonly ActionGroup[] = [
  {
    title: 'Use the API',
    actions: [
      {
        id: 'call',
        label: 'Read the notes',
        hint: 'GET with the token in the cookie',
        does: 'call',
        method: 'GET',
        path: '/api/notes',
        code: [API, 'call'],
      },
      {
        id: 'write',
        label: 'Write a note',
        hint: 'POST: the CSRF check counts',
        does: 'call',
        method: 'POST',
        path: '/api/notes',
        code: [API, 'scopes'],
      },
      {
        id: 'no-scope',
        label: 'Delete all notes',
        hint: 'needs a scope you were not granted',
        does: 'call',
        method: 'DELETE',
        path: '/api/notes',
        code: [API, 'scopes'],
      },
    ],
  },
  {
    title: 'End a login',
    actions: [
      {
        id: 'logout',
        label: 'Log out',
        hint: 'revokes the session, clears the cookie',
        does: 'call',
        method: 'POST',
        path: '/api/logout',
        code: [API, 'logout'],
      },
      {
        id: 'replay',
        label: 'Replay the old token',
        hint: 'as if it had been stolen before',
        does: 'stage',
        path: '/stage/replay',
        code: [API, 'denylist'],
      },
    ],
  },
]
