import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals'
import { sharedRefresh } from '../../lib/client/shared-refresh.js'

const LOCK = 'express-resource-server:refresh'
const NOW = 1_000_000

interface TabStorage {
  value: string | undefined
  getItem(name: string): string | null
  setItem(name: string, text: string): void
}

/** The storage that all tabs of a browser share. */
function storageOf(value?: string): TabStorage {
  const storage: TabStorage = {
    value,
    getItem: (name) => (name === LOCK ? (storage.value ?? null) : null),
    setItem(name, text) {
      if (name === LOCK) storage.value = text
    },
  }
  return storage
}

function browserWith(parts: { readonly navigator?: object; readonly localStorage?: object }): void {
  for (const name of ['navigator', 'localStorage'] as const) {
    Object.defineProperty(globalThis, name, { value: parts[name], configurable: true })
  }
}

describe('sharedRefresh', () => {
  const before = (['navigator', 'localStorage'] as const).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  )
  const refresh = jest.fn<() => Promise<boolean>>()

  beforeEach(() => {
    refresh.mockReset().mockResolvedValue(true)
    jest.spyOn(Date, 'now').mockReturnValue(NOW)
  })
  afterEach(() => {
    jest.restoreAllMocks()
    for (const [name, own] of before) {
      if (own === undefined) Reflect.deleteProperty(globalThis, name)
      else Object.defineProperty(globalThis, name, own)
    }
  })

  it.each([
    ['no storage', undefined],
    ['a storage', storageOf()],
    ['a storage that holds no time', storageOf('soon')],
    [
      'a storage that is forbidden',
      {
        getItem() {
          throw new Error('forbidden')
        },
        setItem() {
          throw new Error('forbidden')
        },
      },
    ],
  ])('refreshes once for requests of one time, with %s', async (_name, localStorage) => {
    browserWith({ ...(localStorage && { localStorage }) })
    const refreshed = sharedRefresh(refresh)
    expect(await Promise.all([refreshed(NOW), refreshed(NOW)])).toEqual([true, true])
    expect(await refreshed(NOW)).toBe(true)
    expect(refresh).toHaveBeenCalledTimes(1)
    expect(await refreshed(NOW + 1)).toBe(true)
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  it.each([
    ['before the request', NOW - 1, 1],
    ['when the request was sent', NOW, 0],
    ['after the clock that the page reads, which was set back', NOW + 1, 1],
  ])('where another tab refreshed %s', async (_name, at, calls) => {
    const localStorage = storageOf(String(at))
    browserWith({ localStorage })
    expect(await sharedRefresh(refresh)(NOW)).toBe(true)
    expect(refresh).toHaveBeenCalledTimes(calls)
    expect(localStorage.value).toBe(String(NOW))
  })

  it('waits for the tab that holds the lock, and then goes by its refresh', async () => {
    const localStorage = storageOf()
    const asked: string[] = []
    let free: (() => void) | undefined
    const request = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
      asked.push(name)
      await new Promise<void>((resolve) => (free = resolve))
      return run()
    }
    browserWith({ localStorage, navigator: { locks: { request } } })
    const waiting = sharedRefresh(refresh)(NOW)
    localStorage.setItem(LOCK, String(NOW))
    free?.()
    expect(await waiting).toBe(true)
    expect(asked).toEqual([LOCK])
    expect(refresh).not.toHaveBeenCalled()
  })

  it('leaves nothing behind where the refresh is refused, and tries anew', async () => {
    const localStorage = storageOf()
    browserWith({ localStorage, navigator: {} })
    refresh.mockResolvedValueOnce(false)
    const refreshed = sharedRefresh(refresh)
    expect(await refreshed(NOW)).toBe(false)
    expect(localStorage.value).toBeUndefined()
    expect(await refreshed(NOW)).toBe(true)
  })

  it('refreshes though its own last refresh is still to come, because the clock was set back', async () => {
    browserWith({})
    const refreshed = sharedRefresh(refresh)
    await refreshed(NOW)
    jest.mocked(Date.now).mockReturnValue(NOW - 1)
    await refreshed(NOW - 1)
    expect(refresh).toHaveBeenCalledTimes(2)
  })

  it('rejects as the refresh does, and tries anew', async () => {
    browserWith({})
    refresh.mockRejectedValueOnce(new Error('offline'))
    const refreshed = sharedRefresh(refresh)
    await expect(refreshed(NOW)).rejects.toThrow('offline')
    expect(await refreshed(NOW)).toBe(true)
  })
})
