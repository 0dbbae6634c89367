import type { ErrorKind } from '../base/codes.ts'
import { ProjectErrors, SluiceError } from '../base/errors.ts'

/** Exit codes: the contract with cron, CI and Kubernetes (`podFailurePolicy`). Numbers never change meaning. */
export const EXIT = {
  done: 0,
  failed: 1,
  changes: 2,
  guard: 4,
  busy: 5,
  unavailable: 6,
  usage: 64,
  bug: 70,
  project: 78,
  interrupted: 130,
  terminated: 143,
} as const

const BY_KIND: Readonly<Record<ErrorKind, number>> = {
  usage: EXIT.usage,
  project: EXIT.project,
  guard: EXIT.guard,
  busy: EXIT.busy,
  unavailable: EXIT.unavailable,
  failed: EXIT.failed,
  bug: EXIT.bug,
}

/** With several syncs the first of these that occurs is the command's code. */
const PRECEDENCE: readonly number[] = [
  EXIT.interrupted,
  EXIT.terminated,
  EXIT.bug,
  EXIT.usage,
  EXIT.project,
  EXIT.unavailable,
  EXIT.guard,
  EXIT.failed,
  EXIT.busy,
  EXIT.changes,
  EXIT.done,
]

export function exitCodeOf(error: unknown): number {
  if (error instanceof ProjectErrors) return worstOf(error.errors.map(exitCodeOf))
  if (error instanceof SluiceError) return BY_KIND[error.kind]
  return EXIT.bug
}

export function worstOf(codes: readonly number[]): number {
  return PRECEDENCE.find((code) => codes.includes(code)) ?? EXIT.done
}

export function exitCodeOfSignal(signal: 'SIGINT' | 'SIGTERM'): number {
  return signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated
}
