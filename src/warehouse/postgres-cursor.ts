import type { ServerProfile } from './server-profile.ts'
import type { Turns } from './turns.ts'
import type { Row, Statement } from './warehouse.ts'

/** What a cursor needs of its session. */
export interface CursorSession {
  readonly profile: ServerProfile
  readonly turns: Turns
  inTransaction(): boolean
  run(statement: Statement): Promise<{ readonly rows: readonly Row[] }>
}

const CURSOR = 'sluice_stream'

/** By a cursor of the server, inside the transaction that is open or one of its own. */
export async function* streamed(session: CursorSession, statement: Statement): AsyncIterable<readonly Row[]> {
  const { profile } = session
  const release = await session.turns.hold(statement.step)
  const own = !session.inTransaction()
  const control = (sql: string) => session.run({ step: statement.step, sql })
  let done = false
  try {
    if (own) await control(profile.beginReadOnly)
    await session.run({ ...statement, sql: profile.declareCursor(CURSOR, statement.sql) })
    for (let size = FIRST_PAGE; ; ) {
      const { rows } = await control(profile.fetchFrom(CURSOR, size))
      if (rows.length > 0) yield rows
      if (rows.length < size) break
      size = nextSize(size, rows)
    }
    await control(`close ${CURSOR}`)
    if (own) await control('commit')
    done = true
  } finally {
    // the reader stopped, or a statement failed
    if (!done) await control(own ? 'rollback' : `close ${CURSOR}`).catch(() => {})
    release()
  }
}

const FIRST_PAGE = 64
const LARGEST_PAGE = 4096
/** Characters of a page beyond which no larger one is fetched: a row may be the body of a whole batch. */
const FULL_PAGE = 1_000_000

function nextSize(size: number, rows: readonly Row[]): number {
  const sample = rows.slice(0, 16)
  const characters = sample.reduce((sum, row) => sum + charactersOf(row), 0)
  const page = (characters / sample.length) * rows.length
  if (page > FULL_PAGE) return Math.max(1, Math.floor(size / 2))
  return page * 2 > FULL_PAGE ? size : Math.min(LARGEST_PAGE, size * 2)
}

function charactersOf(row: Row): number {
  return Object.values(row).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 8),
    0,
  )
}
