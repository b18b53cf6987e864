import { once } from 'node:events'
import { connect } from 'node:net'

/** Reads the server's control port. */
export async function openMeter(port) {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  return {
    /** `reset` also starts the event-loop delay anew. */
    async read(question = 'read') {
      socket.write(question)
      const [line] = await once(socket, 'data')
      return JSON.parse(line)
    },
    close: () => socket.destroy(),
  }
}
