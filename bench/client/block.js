/**
 * Sends `requests` over `connections`, each connection the next one as soon as it has its answer.
 *
 * @returns latencies in milliseconds.
 * @throws Error for an answer of any other status than `expected`: a candidate that refuses what it
 *   should accept would look fast.
 */
export function runBlock(connections, requests, expected = 200) {
  return new Promise((resolve, reject) => {
    const latencies = []
    let next = 0
    const send = (connection) => {
      if (next < requests.length) connection.send(requests[next++])
    }
    for (const connection of connections) {
      connection.onAnswer = (status, latency, answer) => {
        if (status !== expected) {
          reject(new Error(`Expected ${expected}, got:\n${answer}`))
          return
        }
        latencies.push(latency)
        if (latencies.length === requests.length) resolve(latencies)
        else send(connection)
      }
    }
    for (const connection of connections) send(connection)
  })
}
