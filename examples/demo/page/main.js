// The page's life: news of the server go into the panels, and clicks go to the server.
import { bindActions } from './actions.js'
import { showSteps } from './steps.js'
import { showToken, loadToken } from './token-card.js'
import { addEvent, addTrace } from './timeline.js'

const redis = document.getElementById('redis')

const live = new EventSource('/live')
live.addEventListener('message', ({ data }) => {
  const told = JSON.parse(data)
  if (told.type === 'trace') {
    addTrace(told)
    showSteps(told)
  } else if (told.type === 'event') {
    addEvent(told)
  } else {
    redis.dataset.state = told.redis
    redis.textContent = { well: 'well', cut: 'cut', held: 'black hole', absent: '' }[told.redis]
  }
})

bindActions({ afterwards: loadToken })
showToken(undefined)
await loadToken()
