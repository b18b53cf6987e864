import type { ServerResponse } from 'node:http'

/** `//host` and `/\host` lead to another host, and browsers drop tabs and line ends before they look. */
export function isOwnPath(path: unknown): path is string {
  return typeof path === 'string' && /^\/(?![/\\])[!-[\]-~]*$/.test(path)
}

/**
 * A page that leads on to `url`. It works without scripts, so that no Content-Security-Policy can
 * hinder it.
 */
export function sendLeadingPage(res: ServerResponse, url: string): void {
  const target = escapeHtml(url)
  sendPage(
    res,
    200,
    `<title>One moment</title><meta http-equiv="refresh" content="0;url=${target}"><p><a href="${target}">Continue</a></p>`,
  )
}

/** A page of a sentence and a link, for a person whose browser navigated here. */
export function sendNotice(res: ServerResponse, status: number, text: string, url: string): void {
  const title = escapeHtml(text)
  sendPage(
    res,
    status,
    `<title>${title}</title><p>${title}</p><p><a href="${escapeHtml(url)}">Log in</a></p>`,
  )
}

function sendPage(res: ServerResponse, status: number, content: string): void {
  res.statusCode = status
  res.setHeader('Cache-Control', 'no-store')
  res.setHeader('Content-Type', 'text/html; charset=utf-8')
  res.end(`<!doctype html><meta charset="utf-8">${content}\n`)
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`)
}
