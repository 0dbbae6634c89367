import { SluiceError } from '../base/errors.ts'
import { instantOf } from '../base/instant.ts'
import { redact } from '../base/redact.ts'
import type { RunContext } from '../build/run-context.ts'
import type { Answer } from './answer.ts'
import { exitCodeOf, worstOf } from './exit-codes.ts'

/**
 * Does `work` as a run of the ledger: a row when it starts, and how it ended when it ends. A run that is killed
 * stays `running` there; its lease tells that it is dead. So does one whose warehouse no longer answers.
 */
export async function recordRun(
  run: RunContext,
  command: string,
  work: () => Promise<Answer>,
): Promise<Answer> {
  const { runs } = run.ledger
  await run.ledger.prepare()
  await runs.start({
    runId: run.runId,
    command,
    asOf: run.asOf,
    fingerprint: run.graph.fingerprint,
    startedAt: instantOf(run.clock.nowMs()),
  })
  try {
    const answer = await work()
    const errors = answer.errors ?? []
    await finish(answer.exitCode ?? worstOf(errors.map(exitCodeOf)), errors[0])
    return answer
  } catch (error) {
    // What went wrong is what people must see, also when the warehouse that should remember it is gone.
    await finish(exitCodeOf(error), error).catch(() => {})
    throw error
  }

  async function finish(exitCode: number, error: unknown): Promise<void> {
    if (error instanceof SluiceError && error.code === 'SLU5111') return
    const message = error instanceof Error ? { error: redact(error.message) } : {}
    const finishedAt = instantOf(run.clock.nowMs())
    return runs.finish(run.runId, { status: STATUS[exitCode] ?? 'failed', exitCode, finishedAt, ...message })
  }
}

const STATUS: Readonly<Record<number, string>> = { 0: 'done', 4: 'guarded', 130: 'stopped', 143: 'stopped' }
