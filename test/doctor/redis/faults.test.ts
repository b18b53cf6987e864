import { describe, expect, it } from '@jest/globals'
import { redisFailed, redisRefused } from '../../../lib/doctor/redis/faults.js'

describe('what to do about a Redis that does not answer as it should', () => {
  it.each([
    ["NOPERM this user has no permissions to run the 'xadd' command", 'ACL SETUSER'],
    ['NOAUTH Authentication required.', 'rediss://user:password@host'],
    ['WRONGPASS invalid username-password pair', 'rediss://user:password@host'],
    ["READONLY You can't write against a read only replica.", 'Connect to the master'],
    ['MASTERDOWN Link with MASTER is down', 'Connect to the master'],
    ['OOM command not allowed', 'Raise maxmemory'],
    ['MISCONF Redis is configured to save RDB snapshots', 'Mend the disk'],
    ['CLUSTERDOWN The cluster is down', 'Restore the node'],
    ['WRONGTYPE Operation against a key', '--name'],
    ['"redis" needs the package ioredis', 'npm install ioredis'],
    ['getaddrinfo ENOTFOUND redis', 'Correct the host'],
    ['connect ECONNREFUSED 127.0.0.1:1', 'Start Redis'],
    ['read ECONNRESET', 'Use rediss://'],
    ['the connection was closed', 'Use rediss://'],
    ['Protocol error, got "H" as reply type byte', 'Use rediss://'],
    ['self-signed certificate', 'NODE_EXTRA_CA_CERTS'],
    ['unable to verify the first certificate', 'NODE_EXTRA_CA_CERTS'],
    ['No answer within 2000 ms', 'redis-cli from this machine, with --tls'],
    ['connect ETIMEDOUT', 'redis-cli from this machine, with --tls'],
    ['This Redis is too old', 'Update Redis'],
    ['maxmemory-policy evicts keys', 'noeviction'],
    ['something new', 'Try the same with redis-cli from this machine.'],
  ])('%s', (detail, fix) => {
    const found = redisRefused('redis', detail)
    expect(found).toMatchObject({ check: 'redis', status: 'failed', detail })
    expect(found.fix).toContain(fix)
    expect(found.cause).toMatch(/\.$/)
  })

  it('is told of an error by the words of our own table', () => {
    const { detail, fix } = redisFailed('redis', new Error('NOAUTH Authentication required.'))
    expect(detail).toContain('NOAUTH')
    expect(fix).toContain('rediss://user:password@host')
  })
})
