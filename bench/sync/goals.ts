import type { DialectName } from '../../src/dialect/dialect.ts'
import { rounded } from './spent.ts'

/** One figure of design section 10 beside what it should be. */
export interface Goal {
  readonly work: string
  readonly beside: string
  /** `at_most` or `at_least`. */
  readonly bound: 'at_most' | 'at_least'
  readonly goal: number
  readonly measured: number
  readonly met: boolean
}

/** What was measured, as ratios of CPU time where nothing else is said. */
export interface Figures {
  readonly planChanged: number
  readonly runUnchanged: number
  readonly deliver: number
  readonly rowsACoreSecond: number
  readonly request: number
  readonly bytesLeft: number
  readonly peakMegabytes: number
  /** Undefined: the engine has no limit of its own in this process. */
  readonly memoryLimitMegabytes: number | undefined
  readonly snapshotShare: number
}

/** Goals that are set for this engine; those of ratios hold for any number of rows, that of memory for ten million. */
export function goalsOf(engine: DialectName, figures: Figures): readonly Goal[] {
  const duckdb = engine === 'duckdb'
  const most = (work: string, beside: string, goal: number, measured: number): Goal => {
    return { work, beside, bound: 'at_most', goal, measured: rounded(measured), met: measured <= goal }
  }
  const scan = 'one plain scan of the model'
  const memory = (figures.memoryLimitMegabytes ?? 0) + (duckdb ? 200 : 150)
  return [
    most('plan with 0.1% changed', scan, duckdb ? 3 : 8, figures.planChanged),
    ...(duckdb ? [most('run with nothing changed', scan, 1.3, figures.runUnchanged)] : []),
    most('deliver a row, batches of 1,000', 'undici and JSON.stringify alone', 1, figures.deliver),
    {
      work: 'rows delivered per core-second',
      beside: '',
      bound: 'at_least',
      goal: 400_000,
      measured: Math.round(figures.rowsACoreSecond),
      met: figures.rowsACoreSecond >= 400_000,
    },
    most('one request of 1,000 rows', 'undici alone', 1.5, figures.request),
    // What is asked beside the bodies is numbers: where batches begin and end.
    most('bytes that leave the warehouse', 'bytes that the destination received', 1.01, figures.bytesLeft),
    most(
      'peak memory of this process, MB',
      duckdb ? 'memory_limit and 200' : '150',
      memory,
      figures.peakMegabytes,
    ),
    ...(duckdb ? [most('snapshot', 'the model on disk', 0.25, figures.snapshotShare)] : []),
  ]
}
