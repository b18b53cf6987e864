import { beforeEach, describe, expect, it } from '@jest/globals'
import { createPulse, type Pulse } from '../../../../lib/revocation/redis/health/pulse.js'
import { manualTimer, settle, type ManualTimer } from '../../../support/manual-timer.js'

let timer: ManualTimer
let ends: (() => void)[]
let begun: number
let pulse: Pulse

beforeEach(() => {
  timer = manualTimer()
  ends = []
  begun = 0
  pulse = createPulse(
    () => {
      begun += 1
      return new Promise((resolve) => ends.push(resolve))
    },
    250,
    timer,
  )
})

async function endBeat(): Promise<void> {
  ends.shift()!()
  await settle()
}

describe('the pulse of a store', () => {
  it('waits to be asked for its first beat', async () => {
    await timer.advance(10_000)
    expect(begun).toBe(0)
  })

  it('beats again an interval after the end of each beat', async () => {
    void pulse.beat()
    await timer.advance(1000)
    expect(begun).toBe(1)
    await endBeat()
    await timer.advance(249)
    expect(begun).toBe(1)
    await timer.advance(1)
    expect(begun).toBe(2)
    await endBeat()
    await timer.advance(250)
    expect(begun).toBe(3)
  })

  it('has one beat at a time, which all who ask for one wait for', async () => {
    const beats = [pulse.beat(), pulse.beat()]
    expect(begun).toBe(1)
    await endBeat()
    await Promise.all(beats)
  })

  it('counts the interval from a beat that was asked for in between', async () => {
    void pulse.beat()
    await endBeat()
    await timer.advance(200)
    void pulse.beat()
    expect(begun).toBe(2)
    await endBeat()
    expect(timer.pending()).toBe(1)
    await timer.advance(249)
    expect(begun).toBe(2)
    await timer.advance(1)
    expect(begun).toBe(3)
  })

  it('tells when the beat under way has ended', async () => {
    await pulse.settled()
    void pulse.beat()
    let settled = false
    void pulse.settled().then(() => (settled = true))
    await settle()
    expect(settled).toBe(false)
    await endBeat()
    expect(settled).toBe(true)
  })

  it('beats no more once it was stopped, whether between beats or in one', async () => {
    void pulse.beat()
    await endBeat()
    pulse.stop()
    expect(timer.pending()).toBe(0)
    await pulse.beat()
    expect(begun).toBe(1)
  })

  it('sets no further beat where it was stopped in one', async () => {
    void pulse.beat()
    pulse.stop()
    await endBeat()
    expect(timer.pending()).toBe(0)
  })
})
