import { request, type IncomingHttpHeaders } from 'node:http'
import { text as textOf } from 'node:stream/consumers'

/** An answer as a browser got it; redirects are not followed by themselves. */
export interface BrowserAnswer {
  readonly url: URL
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** Where it leads: a redirect, or a page that leads on. */
  readonly next: URL | undefined
}

export interface Visit {
  /** @default 'GET' */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly form?: URLSearchParams
  /** Who begins it, as `Sec-Fetch-Site` says: `cross-site` carries no `SameSite=Strict` cookies. @default a script of the page */
  readonly from?: 'none' | 'same-origin' | 'cross-site'
}

/** As much of a browser as a login needs: cookies with `SameSite`, forms, Fetch Metadata, and no scripts. */
export interface LoginBrowser {
  /** A `fetch` of a script of the page itself. */
  visit(url: string | URL, visit?: Visit): Promise<BrowserAnswer>
  /** Navigates, follows wherever that leads, and fills in the forms of the provider as `user`, until `stop`. */
  follow(url: string | URL, user: string, stop?: (url: URL) => boolean): Promise<BrowserAnswer>
  /** Cookies of a host with their values. */
  cookies(url: string | URL): Map<string, string>
}

interface Cookie {
  readonly value: string
  readonly sameSite: string
}

const MOST_HOPS = 20

export function openLoginBrowser(): LoginBrowser {
  const jars = new Map<string, Map<string, Cookie>>()

  function jarOf(url: string | URL): Map<string, Cookie> {
    const { host } = new URL(url)
    const jar = jars.get(host) ?? new Map<string, Cookie>()
    jars.set(host, jar)
    return jar
  }

  async function visit(
    given: string | URL,
    { method, headers = {}, form, from }: Visit = {},
  ): Promise<BrowserAnswer> {
    const url = new URL(given)
    const jar = jarOf(url)
    const sent = [...jar].filter(([, { sameSite }]) => {
      if (from !== 'cross-site') return true
      return sameSite === 'none' || (sameSite === 'lax' && form === undefined)
    })
    const cookie = sent.map(([name, { value }]) => `${name}=${value}`).join('; ')
    const answer = await send(url, form === undefined ? (method ?? 'GET') : 'POST', form, {
      ...(cookie === '' ? {} : { cookie }),
      ...metadata(from),
      ...headers,
    })
    keep(jar, answer.headers['set-cookie'] ?? [])
    return answer
  }

  return {
    visit,
    async follow(from, user, stop = () => false) {
      let answer = await visit(from, { from: 'none' })
      for (let hops = 0; hops < MOST_HOPS; hops += 1) {
        const { next, text, url } = answer
        if (next !== undefined && stop(next)) return answer
        const form = next === undefined ? formIn(text, user) : undefined
        const target = next ?? (form && new URL(form.action, url))
        if (target === undefined) return answer
        const site =
          target.host === url.host && answer.status === 200 ? 'same-origin' : 'cross-site'
        answer = await visit(target, { from: site, ...(form && { form: form.fields }) })
      }
      throw new Error('The login goes round in circles')
    },
    cookies: (url) => new Map([...jarOf(url)].map(([name, { value }]) => [name, value])),
  }
}

function metadata(from: Visit['from']): Readonly<Record<string, string>> {
  if (from === undefined) return { 'sec-fetch-site': 'same-origin', 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' } // prettier-ignore
  return {
    accept: 'text/html',
    'sec-fetch-site': from,
    'sec-fetch-mode': 'navigate',
    'sec-fetch-dest': 'document',
  }
}

function send(
  url: URL,
  method: string,
  form: URLSearchParams | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<BrowserAnswer> {
  const type = form && { 'content-type': 'application/x-www-form-urlencoded' }
  return new Promise((resolve, reject) => {
    request(url, { method, headers: { ...headers, ...type }, agent: false })
      .on('error', reject)
      .on('response', (response) => {
        const answered = async (): Promise<void> => {
          const text = await textOf(response)
          const refresh = /http-equiv="refresh" content="0;url=([^"]+)"/.exec(text)?.[1]
          const leads = response.headers.location ?? refresh?.replaceAll('&#38;', '&')
          resolve({
            url,
            status: response.statusCode ?? 0,
            headers: response.headers,
            text,
            next: leads === undefined ? undefined : new URL(leads, url),
          })
        }
        answered().catch(reject)
      })
      .end(form?.toString())
  })
}

function keep(jar: Map<string, Cookie>, lines: readonly string[]): void {
  for (const line of lines) {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
    const sameSite = /samesite=(\w+)/i.exec(line)?.[1]?.toLowerCase() ?? 'lax'
    if (/max-age=0|expires=thu, 01 jan 1970/i.test(line)) jar.delete(name)
    else jar.set(name, { value, sameSite })
  }
}

function formIn(
  html: string,
  user: string,
): { readonly action: string; readonly fields: URLSearchParams } | undefined {
  const action = /<form[^>]* action="([^"]+)"/.exec(html)?.[1]
  if (action === undefined) return undefined
  const prompt = /name="prompt" value="(\w+)"/.exec(html)?.[1]
  const hidden = [...html.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)]
  const fields = new URLSearchParams(
    hidden.map(([, name = '', value = '']): [string, string] => [name, value]),
  )
  if (fields.has('xsrf')) fields.set('logout', 'yes')
  if (prompt !== undefined) {
    fields.set('prompt', prompt)
    fields.set('login', user)
    fields.set('password', 'any')
  }
  return { action, fields }
}
