import { beforeEach, describe, expect, it, jest } from '@jest/globals'
import type { Answer } from '../../../../lib/tokens/issuers/registry/answer.js'
import { Answers } from '../../../../lib/tokens/issuers/registry/answers.js'

let closed: string[]
let answers: Answers

/** An answer of which only its name and its end can be seen. */
function answerOf(name: string, replaceBy = jest.fn()): Answer {
  return { name, keys: { close: () => closed.push(name) }, replaceBy } as unknown as Answer
}

const names = (): readonly unknown[] =>
  [...answers.values()].map((answer) => (answer as unknown as { name: string }).name)

beforeEach(() => {
  closed = []
  answers = new Answers(2)
})

describe('Answers', () => {
  it('finds an issuer, whether a token of it has verified or not', () => {
    const [a, b] = [answerOf('a'), answerOf('b')]
    answers.add('a', a)
    answers.add('b', b)
    expect(answers.prove('a')).toBe(a)
    expect([answers.get('a'), answers.peek('a')]).toEqual([a, a])
    expect([answers.get('b'), answers.peek('b')]).toEqual([b, b])
    expect([answers.get('c'), answers.peek('c'), answers.prove('c')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(names()).toEqual(['a', 'b'])
  })

  it('proves an issuer once, and knows it then', () => {
    const a = answerOf('a')
    answers.add('a', a)
    expect([answers.prove('a'), answers.prove('a')]).toEqual([a, a])
    expect(names()).toEqual(['a'])
  })

  it('keeps as many proven ones as it may, whatever strangers name', () => {
    for (const name of ['a', 'b']) {
      answers.add(name, answerOf(name))
      answers.prove(name)
    }
    for (let count = 0; count < 1001; count += 1) answers.add(`x${count}`, answerOf(`x${count}`))
    expect(closed).toEqual(['x0'])
    expect([answers.peek('a'), answers.peek('b')]).not.toContain(undefined)
    answers.add('c', answerOf('c'))
    answers.prove('c')
    expect(closed).toEqual(['x0', 'x1', 'a'])
  })

  it.each(['proven', 'unproven'])('replaces one that is %s, where it is', (kind) => {
    const replaced = jest.fn()
    answers.add('a', answerOf('a', replaced))
    if (kind === 'proven') answers.prove('a')
    answers.add('b', answerOf('b'))
    const other = answerOf('other')
    expect(answers.replace('a', other)).toBe(true)
    expect(replaced).toHaveBeenCalledWith(other)
    expect(answers.peek('a')).toBe(other)
    expect(names()).toHaveLength(2)
    expect(closed).toEqual([])
  })

  it('replaces none that is not there', () => {
    expect(answers.replace('a', answerOf('a'))).toBe(false)
    expect(names()).toEqual([])
  })

  it('removes one with its keys', () => {
    for (const name of ['a', 'b']) answers.add(name, answerOf(name))
    answers.prove('a')
    for (const name of ['a', 'b', 'c']) answers.remove(name)
    expect([names(), closed]).toEqual([[], ['a', 'b']])
  })

  it('closes the keys of all', () => {
    for (const name of ['a', 'b']) answers.add(name, answerOf(name))
    answers.prove('b')
    answers.close()
    expect(closed).toEqual(['b', 'a'])
  })
})
