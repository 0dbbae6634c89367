import type { ChildProcess } from 'node:child_process'

/** Processes that this one started. A test that fails, or takes too long, must leave none behind. */
const LIVING = new Set<ChildProcess>()

process.once('exit', () => {
  for (const child of LIVING) child.kill('SIGKILL')
})

export function endsWithUs<T extends ChildProcess>(child: T): T {
  LIVING.add(child)
  child.once('exit', () => LIVING.delete(child))
  return child
}
