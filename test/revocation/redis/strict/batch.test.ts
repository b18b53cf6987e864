import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, it } from '@jest/globals'
import {
  createBatcher,
  type Found,
  type Question,
} from '../../../../lib/revocation/redis/strict/batch.js'

/** A batcher over records, by a clock that is set by hand, and what it has read. */
function batcherOver(records: Readonly<Record<string, string>> = {}) {
  const reads: (readonly string[])[] = []
  let nowMs = 0
  const ask = createBatcher<Question, string, readonly Found[]>({
    always: ['always'],
    now: () => nowMs,
    async read(keys) {
      reads.push(keys)
      return { values: keys.map((key) => records[key] ?? null), context: '' }
    },
    judge: (_question, found) => found,
  })
  return {
    reads,
    ask: (own: readonly string[], shared: readonly string[] = []) => ask({ own, shared }),
    askQuestion: ask,
    pass: (delayMs: number) => {
      nowMs += delayMs
    },
  }
}

describe('a read', () => {
  it('begins with the keys that every one has, and has a shared key once', async () => {
    const { ask, reads } = batcherOver()
    await Promise.all([ask(['a', 'b'], ['all']), ask(['c'], ['all', 'one'])])
    expect(reads).toEqual([['always', 'a', 'b', 'all', 'c', 'one']])
  })

  it('has a question once that is asked several times', async () => {
    const { askQuestion, reads } = batcherOver({ a: '1' })
    const question = { own: ['a'], shared: [] }
    expect(await Promise.all([askQuestion(question), askQuestion(question)])).toEqual([
      [['a', '1']],
      [['a', '1']],
    ])
    expect(reads).toEqual([['always', 'a']])
  })

  it('tells each question what is there of its keys, and of no others', async () => {
    const { ask } = batcherOver({ a: '1', c: '2', all: '3', always: '4' })
    const found = await Promise.all([ask(['a', 'b'], ['all']), ask(['b'], []), ask(['c'], ['all'])])
    expect(found).toEqual([
      [
        ['a', '1'],
        ['all', '3'],
      ],
      [],
      [
        ['c', '2'],
        ['all', '3'],
      ],
    ])
  })
})

describe('a batch', () => {
  it('of one question is read in the turn in which it came', async () => {
    const { ask, reads } = batcherOver()
    const answer = ask(['a'])
    await turn()
    expect(reads).toHaveLength(1)
    await answer
  })

  it('of several waits for a turn that brings no more', async () => {
    const { ask, reads } = batcherOver()
    const answers = [ask(['a']), ask(['b'])]
    await turn()
    answers.push(ask(['c']))
    await turn()
    expect(reads).toHaveLength(0)
    await turn()
    expect(reads).toEqual([['always', 'a', 'b', 'c']])
    await Promise.all(answers)
  })

  it('waits no longer than a millisecond, however many keep coming', async () => {
    const { ask, reads, pass } = batcherOver()
    const answers = [ask(['a']), ask(['b'])]
    await turn()
    answers.push(ask(['c']))
    pass(1)
    await turn()
    expect(reads).toEqual([['always', 'a', 'b', 'c']])
    answers.push(ask(['d']))
    await Promise.all(answers)
    expect(reads).toHaveLength(2)
  })

  it('counts that millisecond from its first question, not from its last', async () => {
    const { ask, reads, pass } = batcherOver()
    const answers = [ask(['a']), ask(['b'])]
    for (const key of ['c', 'd']) {
      await turn()
      answers.push(ask([key]))
      pass(0.5)
    }
    await turn()
    expect(reads).toEqual([['always', 'a', 'b', 'c', 'd']])
    await Promise.all(answers)
  })

  it('of a thousand keys is full: it is read at once, and what comes after is in the next', async () => {
    const { ask, reads } = batcherOver()
    const many = Array.from({ length: 1500 }, (_, i) => ask([`key-${i}`]))
    await turn()
    expect(reads.map((keys) => keys.length)).toEqual([1000])
    await Promise.all(many)
    expect(reads.map((keys) => keys.length)).toEqual([1000, 502])
  })
})
