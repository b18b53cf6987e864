import type { IncomingMessage } from 'node:http'
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib'
import type { Transform } from 'node:stream'
import { FetchError } from '../fetch-error.js'

/**
 * Reads a body as UTF-8 text and stops at `maxBytes`, counted after decompression and as it comes,
 * so that neither a bomb nor an endless body is ever held.
 */
export async function readText(response: IncomingMessage, maxBytes: number): Promise<string> {
  if (Number(response.headers['content-length'] ?? 0) > maxBytes) throw tooLarge(maxBytes)
  const decoder = decompressor(response.headers['content-encoding'])
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of bodyOf(response, decoder)) {
    bytes += chunk.length
    if (bytes > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))
}

function bodyOf(response: IncomingMessage, decoder: Transform | undefined): AsyncIterable<Buffer> {
  if (decoder === undefined) return response
  // pipe() does not hand errors on, and a response that breaks off must end the decoder as well.
  response.on('error', (error) => decoder.destroy(error))
  return response.pipe(decoder)
}

/** We ask for no encoding, but a proxy in between may compress all the same. */
function decompressor(encoding: string | undefined): Transform | undefined {
  switch (encoding?.toLowerCase()) {
    case undefined:
    case '':
    case 'identity':
      return undefined
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    default:
      throw new FetchError('The answer has an unknown content encoding')
  }
}

function tooLarge(maxBytes: number): FetchError {
  return new FetchError(`The answer is larger than ${maxBytes} bytes`)
}
