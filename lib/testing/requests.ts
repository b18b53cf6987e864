/** As much of a supertest request or agent as is used here. */
export interface HeaderSetter {
  set(name: string, value: string): unknown
}

export interface BrowserLikeOptions {
  /** The origin of the page that sends the request. @default a page of the app itself */
  readonly from?: string | undefined
}

/**
 * Adds the headers by which a browser says where a request comes from, for routes behind `csrfGuard`
 * or a token in a cookie. No script in a page can change them.
 *
 * @example
 * await browserLike(request(app).post('/notes')).expect(201)
 * await browserLike(request(app).post('/notes'), { from: 'https://evil.example' }).expect(403)
 */
export function browserLike<T extends HeaderSetter>(
  request: T,
  { from }: BrowserLikeOptions = {},
): T {
  request.set('Sec-Fetch-Site', from === undefined ? 'same-origin' : 'cross-site')
  request.set('Sec-Fetch-Mode', 'cors')
  request.set('Sec-Fetch-Dest', 'empty')
  if (from !== undefined) request.set('Origin', from)
  return request
}
