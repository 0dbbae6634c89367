import type { Progress } from '../base/progress.ts'
import { plain } from './render/plain.ts'
import type { Style } from './render/style.ts'

export interface StatusProgress extends Progress {
  /** Removes the redrawn line and stops the heartbeat. */
  close(): void
}

export interface ProgressOptions {
  readonly stream: NodeJS.WriteStream
  readonly style: Style
  readonly quiet: boolean
}

/** CI kills jobs that are silent for minutes; this often is enough to live and not enough to flood a log. */
const HEARTBEAT_MS = 30_000

/** Erases the line and goes to its start. */
const ERASE = '\r\u001b[2K'

/** Progress on stderr: one redrawn line in a terminal, else the newest line every 30 s. */
export function createProgress({ stream, style, quiet }: ProgressOptions): StatusProgress {
  if (quiet)
    return {
      update: () => {},
      done: () => {},
      warn: (line) => stay(`warning: ${plain(line)}`),
      close: () => {},
    }
  let current: string | undefined
  let heartbeat: NodeJS.Timeout | undefined
  const erase = () => {
    if (stream.isTTY && current !== undefined) stream.write(ERASE)
  }
  return {
    update: (line) => {
      erase()
      current = plain(line)
      if (stream.isTTY) stream.write(style('dim', current.slice(0, Math.max(20, (stream.columns ?? 80) - 1))))
      else heartbeat ??= setInterval(() => stream.write(`${current}\n`), HEARTBEAT_MS).unref()
    },
    done: (line) => settle(() => stay(plain(line))),
    warn: (line) => settle(() => stay(`${style('yellow', 'warning')}: ${plain(line)}`)),
    close: () => {
      settle(() => {})
      clearInterval(heartbeat)
    },
  }

  function settle(write: () => void): void {
    erase()
    current = stream.isTTY ? undefined : current
    write()
  }

  function stay(line: string): void {
    stream.write(`${line}\n`)
  }
}
