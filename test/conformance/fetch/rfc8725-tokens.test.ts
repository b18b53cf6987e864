// The lines of the standard once more, through `fetchGuard`.
import './host.js'
import '../rfc8725-tokens.test.js'
