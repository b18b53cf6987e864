// A process with a store of its own: what it measures is nobody else's.
import { measureLoad } from './revocation/load.js'
import { measureReplicated } from './revocation/replicated.js'
import { measureStrict } from './revocation/strict.js'
import { openWatcher, watch } from './revocation/watch.js'

const tasks = {
  load: measureLoad,
  strict: measureStrict,
  replicated: measureReplicated,
  open: openWatcher,
  watch,
}

process.on('message', ({ task, ...order }) => {
  tasks[task](order).then(
    (result) => process.send({ result }),
    (error) => process.send({ failed: error.message }),
  )
})
process.once('disconnect', () => process.exit())
process.send('ready')
