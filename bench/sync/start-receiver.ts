import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

interface Received {
  readonly requests: number
  readonly bytes: number
}

/** The receiver beside this process, so that its CPU is not counted. */
export interface BenchReceiver {
  readonly url: string
  /** Since this was asked last. */
  received(): Promise<Received>
  stop(): void
}

export async function startReceiver(): Promise<BenchReceiver> {
  const child: ChildProcess = fork(join(import.meta.dirname, 'receiver.ts'), {
    stdio: ['ignore', 2, 2, 'ipc'],
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return {
    url: `http://127.0.0.1:${port}/hook`,
    async received() {
      const answer = once(child, 'message')
      child.send('tell')
      const [told] = (await answer) as [Received]
      return told
    },
    stop: () => child.disconnect(),
  }
}
