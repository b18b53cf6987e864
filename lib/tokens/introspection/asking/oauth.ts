import { messageOf } from '../../../core/values.js'

type Oauth = typeof import('oauth4webapi')

let loading: Promise<Oauth> | undefined

/** Why no introspection endpoint can be asked: nothing that waiting mends. */
export class MissingPeer extends Error {
  override readonly name = 'MissingPeer'
}

/**
 * Loads the protocol of introspection calls, an optional peer, for those guards alone that ask.
 *
 * @throws MissingPeer, which names the command that mends it.
 */
export function loadOauth(): Promise<Oauth> {
  loading ??= import('oauth4webapi')
  return loading.catch((cause: unknown) => {
    throw new MissingPeer(
      `introspection: cannot load "oauth4webapi". Run npm install oauth4webapi (${messageOf(cause)})`,
      { cause },
    )
  })
}
