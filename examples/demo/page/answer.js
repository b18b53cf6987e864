import { element } from './steps.js'

const panel = document.getElementById('answer')

/** Shows answers as they came, each with its request above it. */
export function showAnswers(note, exchanges) {
  const notes = note === undefined ? [] : [element('p', 'says', note)]
  panel.replaceChildren(...notes, ...exchanges.map(block))
}

function block({ title, request, status, headers, body }) {
  const made = element('div')
  if (title !== undefined) made.append(element('h3', '', title))
  const lines = Object.entries(headers)
    .filter(([name]) => TELLING.has(name))
    .map(([name, value]) => `${name}: ${String(value)}`)
  const text = [request, '', `HTTP/1.1 ${status}`, ...lines, '', pretty(body)].join('\n').trim()
  const pre = element('pre', '', text)
  pre.tabIndex = 0
  made.append(pre)
  return made
}

/** Those that the library decides; the rest is the same for every answer. */
const TELLING = new Set([
  'www-authenticate',
  'retry-after',
  'cache-control',
  'vary',
  'content-type',
  'dpop-nonce',
])

function pretty(body) {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    return body
  }
}
