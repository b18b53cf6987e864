// Run by the tests as a process of its own: where making a key stands still, nothing else goes on.
import { createSigningKey } from '../../lib/testing/signing-key.js'

for (let at = 0; at < 5000; at += 1) createSigningKey('ES256', 'key-1')
console.log('made')
