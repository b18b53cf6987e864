import { faultOf } from '../../redis/errors.js'
import { finding, type Finding } from '../finding.js'

/** By the words that Redis, its client or our own error table has for it. The first that fits is told. */
const ROWS: readonly (readonly [words: RegExp, cause: string, fix: string])[] = [
  [
    /NOPERM/,
    'The ACL of this user is narrower than the store needs.',
    'Run ACL SETUSER with the commands that the detail names, on the keys of the store.',
  ],
  [
    /NOAUTH|WRONGPASS/,
    'Password or user name are missing, or were changed.',
    'Correct them in the URL: rediss://user:password@host:6379.',
  ],
  [
    /READONLY|MASTERDOWN/,
    'The address is that of a replica, or leads to one since a failover.',
    'Connect to the master, by the name that follows failovers.',
  ],
  [
    /OOM/,
    'maxmemory is reached, and nothing may be evicted, as it must be.',
    'Raise maxmemory; see which other keys are in this database.',
  ],
  [/MISCONF/, 'The disk is full, or may not be written to.', 'Mend the disk of Redis.'],
  [/CLUSTERDOWN/, 'The cluster has lost a master without a replica.', 'Restore the node.'],
  [/WRONGTYPE/, 'Another program uses these keys.', 'Give the store a name of its own: --name.'],
  [
    /needs the package/,
    'No client of Redis is installed.',
    'Run npm install ioredis, beside the app.',
  ],
  [
    /ENOTFOUND|EAI_AGAIN/,
    'No DNS server that this machine asks knows the name, or there is no network.',
    'Correct the host in the URL, or run this where it is known.',
  ],
  [
    /ECONNREFUSED|EHOSTUNREACH|ENETUNREACH/,
    'Nothing listens there: Redis is down, or the port is another one.',
    'Start Redis, or correct host and port in the URL.',
  ],
  [
    /ECONNRESET|connection was closed|SSL|wrong version|packet length|Protocol error|EPROTO/i,
    'One side speaks TLS and the other does not.',
    'Use rediss:// for a port with TLS, and redis:// for one without.',
  ],
  [
    /self.signed|unable to (?:get|verify)|certificate/i,
    'Its certificate is by a CA that Node does not know.',
    'Set NODE_EXTRA_CA_CERTS, or make the client in the app with tls: { ca }.',
  ],
  [
    /No answer within|ETIMEDOUT|timed out/i,
    'Redis hangs, a firewall swallows the packets, or the port speaks no TLS and the URL says rediss://.',
    'Try redis-cli from this machine, with --tls for rediss://; see SLOWLOG.',
  ],
  [/too old/, 'Streams and expiry by date are missing there.', 'Update Redis.'],
  [
    /evict/,
    'This Redis is set up as a cache: it throws away the keys that are used least, revocations too.',
    'Set maxmemory-policy to noeviction, or keep revocations in a Redis of their own.',
  ],
]

export function redisFailed(check: string, error: unknown): Finding {
  return redisRefused(check, faultOf(error).detail)
}

export function redisRefused(check: string, detail: string): Finding {
  const row = ROWS.find(([words]) => words.test(detail))
  const [, cause, fix] = row ?? [
    /./,
    'Redis does not answer as it should.',
    'Try the same with redis-cli from this machine.',
  ]
  return finding(check, 'failed', detail, { cause, fix })
}
