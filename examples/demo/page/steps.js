const STEPS = [
  ['csrf', 'CSRF'],
  ['credential', 'Credential'],
  ['signature', 'Signature'],
  ['claims', 'Claims'],
  ['denylist', 'Denylist'],
  ['scope', 'Scope'],
]
const MARKS = { passed: '✓', refused: '✕', unknown: '?', none: '·' }
const WORDS = { passed: 'passed', refused: 'refused', unknown: 'cannot know' }

const list = document.getElementById('steps')
const verdict = document.getElementById('verdict')
const says = document.getElementById('says')

// What a request will come to, before there is one.
list.replaceChildren(...STEPS.map(([, title]) => item(title, undefined, 'not asked')))

/** Shows where a request came to, step by step. */
export function showSteps({ method, path, sender, status, steps }) {
  const done = new Map(steps.map((step) => [step.name, step]))
  // Only the API of the page tells of each step apart.
  const rest = path.startsWith('/api/') ? 'not asked' : 'not timed'
  list.replaceChildren(...STEPS.map(([name, title]) => item(title, done.get(name), rest)))
  const last = steps.findLast(({ outcome }) => outcome !== 'passed')
  verdict.dataset.family = familyOf(status)
  const answered = element('span', 'status', String(status))
  verdict.replaceChildren(`${method} ${path} from ${sender}: `, answered)
  if (last !== undefined) verdict.append(` ${last.says.split(':')[0]}`)
  says.textContent = last?.says ?? totalOf(steps)
}

function item(title, step, rest) {
  const outcome = step?.outcome ?? 'none'
  const li = element('li')
  li.dataset.outcome = outcome
  li.title = step?.says ?? ''
  const mark = element('span', 'mark', MARKS[outcome])
  mark.setAttribute('role', 'img')
  mark.setAttribute('aria-label', WORDS[outcome] ?? rest)
  li.append(
    mark,
    element('span', 'name', title),
    element('span', 'micros', step === undefined ? rest : timeOf(step)),
  )
  return li
}

function timeOf(step) {
  return step.micros === undefined ? 'remembered' : durationOf(step.micros)
}

export function durationOf(micros) {
  return micros < 10_000 ? `${micros} µs` : `${Math.round(micros / 1000)} ms`
}

function totalOf(steps) {
  const total = steps.reduce((sum, { micros = 0 }) => sum + micros, 0)
  return `All guards together took ${durationOf(total)}, waiting included.`
}

/** 503 says that the server cannot know: neither good nor bad. */
export function familyOf(status) {
  if (status < 400) return 'good'
  return status >= 500 ? 'unsure' : 'bad'
}

export function element(name, className = '', text = '') {
  const made = document.createElement(name)
  if (className !== '') made.className = className
  made.textContent = text
  return made
}
