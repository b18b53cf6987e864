import { openSession } from './code-flow.js'

/** Its REST interface, as the administrator. */
export interface GlewlwydAdmin {
  /** Rejects with the answer where it is an error. */
  readonly send: (method: string, path: string, body?: object) => Promise<void>
  readonly read: (path: string) => Promise<Record<string, unknown>>
}

/** A new installation has one user, with the password of its documentation. */
export async function openAdmin(root: string): Promise<GlewlwydAdmin> {
  const session = openSession()

  async function ask(method: string, path: string, body?: object): Promise<Response> {
    const headers = { 'content-type': 'application/json' }
    const json = body === undefined ? {} : { body: JSON.stringify(body) }
    const response = await session.fetch(`${root}/api${path}`, { method, headers, ...json })
    if (response.ok) return response
    throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`)
  }

  await ask('POST', '/auth/', { username: 'admin', password: 'password' })
  return {
    async send(method, path, body) {
      await (await ask(method, path, body)).arrayBuffer()
    },
    async read(path) {
      return (await (await ask('GET', path)).json()) as Record<string, unknown>
    },
  }
}

/** Members that its clients may have only if the administrator lists them first. */
const FURTHER_MEMBERS: Readonly<Record<string, { readonly multiple: boolean }>> = {
  tls_client_auth_subject_dn: { multiple: false },
  post_logout_redirect_uris: { multiple: true },
}

export async function allowFurtherMembers(admin: GlewlwydAdmin): Promise<void> {
  const module = (await admin.read('/mod/client/database')) as {
    readonly parameters: { readonly 'data-format': Record<string, object> }
  }
  const format = module.parameters['data-format']
  for (const [name, { multiple }] of Object.entries(FURTHER_MEMBERS)) {
    format[name] = { multiple, read: true, write: true }
  }
  await admin.send('PUT', '/mod/client/database', module)
  await admin.send('PUT', '/mod/client/database/reset')
}
