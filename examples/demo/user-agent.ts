/** What came for one request; redirects are not followed by themselves. */
export interface Page {
  readonly url: URL
  readonly status: number
  readonly html: string
  /** Where it redirects to. */
  readonly location: URL | undefined
}

/** A user's browser, as far as a login needs one: it sends forms and keeps the cookies of one site. */
export type UserAgent = (url: URL, form?: Readonly<Record<string, string>>) => Promise<Page>

export function openUserAgent(): UserAgent {
  const cookies = new Map<string, string>()

  return async function visit(url, form) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      method: form === undefined ? 'GET' : 'POST',
      body: form === undefined ? null : new URLSearchParams(form),
      headers: { cookie },
      redirect: 'manual',
    })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      cookies.set(name, value)
    }
    const location = response.headers.get('location')
    return {
      url,
      status: response.status,
      html: await response.text(),
      location: location === null ? undefined : new URL(location, url),
    }
  }
}
