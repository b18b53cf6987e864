import { element, familyOf } from './steps.js'

const list = document.getElementById('timeline')
const SHOWN = 30
let latest

/** Adds a request; one like the last only raises its count. */
export function addTrace({ at, method, path, sender, status, steps }) {
  const fault = steps.find(({ outcome }) => outcome !== 'passed')
  const what = `${method} ${path}`
  const key = `${what} ${sender} ${status} ${fault?.says ?? ''}`
  if (latest?.key === key) {
    latest.times += 1
    latest.count.textContent = ` ×${latest.times}`
    return
  }
  const count = element('span')
  const why = element('span', '', what)
  const words = element('i', '', `from ${sender}`)
  if (fault !== undefined) words.append(' · ', ...breakable(fault.says.split(':')[0]))
  why.append(count, words)
  why.title = fault?.says ?? ''
  add(at, element('b', familyOf(status), String(status)), why)
  latest = { key, count, times: 1 }
}

/** A reason may be broken after its underscores: the column is narrow. */
function breakable(reason) {
  return reason.split(/(?<=_)/).flatMap((part) => [part, element('wbr')])
}

/** Adds what no request brought about: keys that were fetched, a store that is out. */
export function addEvent({ at, name, says }) {
  const what = element('span', '', name)
  what.append(element('i', '', says))
  add(at, element('b', '', '●'), what)
  latest = undefined
}

function add(at, mark, what) {
  const time = element('time', '', new Date(at).toLocaleTimeString('en-GB'))
  const item = element('li')
  item.append(mark, what, time)
  list.prepend(item)
  while (list.children.length > SHOWN) list.lastChild.remove()
}
