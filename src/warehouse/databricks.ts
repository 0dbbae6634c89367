import { SluiceError } from '../base/errors.ts'
import { databricks } from '../dialect/databricks.ts'
import { statementApi } from './databricks-api.ts'
import { pagesOf } from './databricks-results.ts'
import { DatabricksSession, type Workspace } from './databricks-session.ts'
import { settingsOf } from './databricks-settings.ts'
import type { OpenRequest } from './open-request.ts'
import { nestedTransaction } from './problem.ts'
import { createTurns, type Turns } from './turns.ts'
import { READ_LIMIT, type Row, type Statement, type Warehouse } from './warehouse.ts'

/**
 * A warehouse in one catalog of Databricks, by the statements of a SQL warehouse over HTTP. The service has no sessions
 * and no transactions there: each statement is its own, and a session is the names of its temporary tables.
 */
export async function openDatabricks(request: OpenRequest): Promise<Warehouse> {
  const settings = settingsOf(request)
  const warehouse = sessionOf({
    api: statementApi(settings, request.clock),
    request,
    timeoutMs: settings.statementTimeoutMs,
    isSwept: false,
  })
  await checkRules(warehouse)
  return warehouse
}

function sessionOf(workspace: Workspace): Warehouse {
  const session = new DatabricksSession(workspace)
  const turns = createTurns()
  const others = new Set<Warehouse>()
  return {
    dialect: databricks,
    exclusive: false,
    // Its hashes are those of a published function, which no version of it changes.
    version: async () => 'databricks',
    execute: (statement) => turns.take(statement.step, () => session.execute(statement)),
    read: (statement) => turns.take(statement.step, () => session.read(statement, READ_LIMIT)),
    stream: (statement) => streamed(workspace, session, turns, statement),
    describe: (select) =>
      turns.take(select.step, async () => {
        const sql = `select * from (${select.sql}\n) as described limit 0`
        const { manifest } = await session.run({ ...select, sql }, 'read')
        return (manifest?.schema.columns ?? []).map(({ name, type_text }) => ({
          name,
          type: databricks.columnType(type_text),
        }))
      }),
    transaction: eachByItself(),
    openSession: async () => {
      const another = sessionOf(workspace)
      others.add(another)
      return another
    },
    cancel: () => session.cancel(),
    close: async () => {
      for (const other of others) await other.close()
      await session.close()
    },
  }
}

/** Nothing holds statements together there. */
function eachByItself(): Warehouse['transaction'] {
  let isOpen = false
  return async (work) => {
    if (isOpen) throw nestedTransaction()
    isOpen = true
    try {
      return await work()
    } finally {
      isOpen = false
    }
  }
}

async function* streamed(
  { api, request }: Workspace,
  session: DatabricksSession,
  turns: Turns,
  statement: Statement,
): AsyncIterable<readonly Row[]> {
  const release = await turns.hold(statement.step)
  try {
    const answer = await session.run(statement, 'stream')
    if (answer.manifest?.truncated === true) throw cutShort(statement.step)
    yield* pagesOf(api, request.clock, answer)
  } finally {
    release()
  }
}

function cutShort(step: string): SluiceError {
  return new SluiceError('SLU3017', {
    message: `expected all rows of step ${step}, found that Databricks cut them at the most that it gives out`,
    hint: 'it gives 100 GiB: ask for fewer rows or columns',
  })
}

/** Printed SQL counts on these; a workspace may have set others. */
async function checkRules(warehouse: Warehouse): Promise<void> {
  const [row] = await warehouse.read({
    step: 'session.rules',
    sql: `select cast(cast('0.0000000001' as decimal(38, 10)) as string) as plain, current_catalog() as catalog`,
  })
  if (row?.catalog === 'hive_metastore')
    throw new SluiceError('SLU3013', {
      message: 'expected a catalog of Unity Catalog, found hive_metastore',
      hint: 'name one by catalog of the target',
    })
  if (row?.plain !== '0.0000000001')
    throw new SluiceError('SLU3013', {
      message: 'expected a SQL warehouse under ANSI rules, found one whose ansi_mode is off',
      hint: "it is on unless the administrator of the workspace changed the SQL warehouses' parameters",
    })
}
