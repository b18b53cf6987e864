import { showAnswers } from './answer.js'
import { forgetToken } from './token-card.js'

const code = document.querySelector('#code code')
const frame = document.getElementById('frame')
const frameCard = document.getElementById('frame-card')
const frameUrl = document.getElementById('frame-url')

/** Brings the buttons to life. */
export function bindActions({ afterwards }) {
  const buttons = document.querySelectorAll('.actions button')
  const press = async (button) => {
    for (const other of buttons) other.setAttribute('aria-pressed', String(other === button))
    code.textContent = button.dataset.code
    frameCard.hidden = button.dataset.does !== 'frame'
    button.setAttribute('aria-busy', 'true')
    try {
      await act(button.dataset)
    } catch {
      showAnswers(
        'The demo does not answer any more. Was it ended? Start it again: npm run demo',
        [],
      )
    }
    button.removeAttribute('aria-busy')
    // On a narrow screen the result is far from its button.
    const shown = document.getElementById('request')
    if (shown.getBoundingClientRect().top > innerHeight) shown.scrollIntoView()
    await afterwards()
  }
  for (const button of buttons) button.addEventListener('click', () => void press(button))

  const refresh = document.getElementById('refresh')
  const renew = async () => {
    showAnswers(undefined, [await ask('POST', '/refresh')])
    await afterwards()
  }
  refresh.addEventListener('click', () => void renew())
}

async function act({ id, does, method, path, after }) {
  if (does === 'link') {
    location.assign(path)
  } else if (does === 'call') {
    showAnswers(undefined, [await ask(method, path)])
    if (id === 'logout') forgetToken()
  } else if (does === 'frame') {
    frameUrl.textContent = path
    frame.src = path
    await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }))
    if (after === 'call') showAnswers(undefined, [await ask('GET', '/api/notes')])
    else showAnswers('Its request is above. Not even the attacker’s page can read the answer.', [])
  } else {
    const response = await fetch(path, { method: 'POST' })
    const { note, exchanges } = await response.json()
    const more = after === 'call' ? [await ask('GET', '/api/notes')] : []
    showAnswers(note, [...exchanges, ...more])
  }
}

async function ask(method, path) {
  const response = await fetch(path, { method })
  return {
    request: `${method} ${path}\nCookie: __Host-Http-access_token=…`,
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await response.text(),
  }
}
