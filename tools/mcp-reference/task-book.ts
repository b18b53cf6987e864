import { randomUUID } from 'node:crypto'
import type { CallToolResult, InputRequests } from '@modelcontextprotocol/server'

/** A task as the extension for tasks tells of it (SEP-2663). */
export interface TaskRecord {
  readonly taskId: string
  status: 'working' | 'input_required' | 'completed' | 'failed' | 'cancelled'
  readonly createdAt: string
  lastUpdatedAt: string
  readonly ttlMs: number
  readonly pollIntervalMs: number
  result?: CallToolResult
  error?: { readonly code: number; readonly message: string }
  inputRequests?: InputRequests
}

/** What is done in a task, and may ask its client. */
export type Work = (task: {
  readonly signal: AbortSignal
  readonly ask: (questions: InputRequests) => Promise<Answers>
}) => Promise<CallToolResult>

type Answers = Readonly<Record<string, unknown>>

export interface TaskBook {
  begin(work: Work): TaskRecord
  get(taskId: string): TaskRecord | undefined
  /** Those that nobody asked for are passed over. */
  answer(taskId: string, answers: Answers): void
  cancel(taskId: string): void
}

/** For a server that is gone after some minutes: no task is ever thrown away. */
export function taskBook(): TaskBook {
  const entries = new Map<string, Entry>()

  interface Entry {
    readonly record: TaskRecord
    readonly cancelled: AbortController
    answers: Record<string, unknown>
    resume: () => void
  }

  function change({ record }: Entry, changes: Partial<TaskRecord>): void {
    if (record.status !== 'working' && record.status !== 'input_required') return
    delete record.inputRequests
    Object.assign(record, changes, { lastUpdatedAt: new Date().toISOString() })
  }

  async function ask(entry: Entry, questions: InputRequests): Promise<Answers> {
    entry.answers = {}
    change(entry, { status: 'input_required', inputRequests: questions })
    await new Promise<void>((resolve) => (entry.resume = resolve))
    change(entry, { status: 'working' })
    return entry.answers
  }

  function begin(work: Work): TaskRecord {
    const now = new Date().toISOString()
    const record: TaskRecord = {
      taskId: randomUUID(),
      status: 'working',
      createdAt: now,
      lastUpdatedAt: now,
      ttlMs: 60_000,
      pollIntervalMs: 100,
    }
    const cancelled = new AbortController()
    const entry: Entry = { record, cancelled, answers: {}, resume: () => undefined }
    entries.set(record.taskId, entry)
    work({ signal: cancelled.signal, ask: (questions) => ask(entry, questions) }).then(
      (result) => change(entry, { status: 'completed', result }),
      (error: unknown) =>
        change(entry, { status: 'failed', error: { code: -32_603, message: String(error) } }),
    )
    return { ...record }
  }

  return {
    begin,
    get: (taskId) => entries.get(taskId)?.record,
    answer(taskId, answers) {
      const entry = entries.get(taskId)
      const asked = Object.entries(entry?.record.inputRequests ?? {})
      if (entry === undefined || asked.length === 0) return
      Object.assign(entry.answers, answers)
      const open = asked.filter(([key]) => entry.answers[key] === undefined)
      if (open.length === 0) entry.resume()
      else change(entry, { inputRequests: Object.fromEntries(open) })
    },
    cancel(taskId) {
      const entry = entries.get(taskId)
      if (entry === undefined) return
      change(entry, { status: 'cancelled' })
      entry.cancelled.abort()
    },
  }
}
