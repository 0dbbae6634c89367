import { SluiceError } from '../base/errors.ts'
import { statementOf } from '../compile/render-step.ts'
import { tableOf } from '../compile/sources/relation.ts'
import { temporaryTable } from '../compile/tables.ts'
import type { TableName } from '../dialect/dialect.ts'
import { type Fragment, lit, render, sql } from '../dialect/fragment.ts'
import type { Lease, Publication } from '../ledger/ledger.ts'
import { compileContext } from './compile-context.ts'
import { newTable } from './new-tables.ts'
import type { Patch } from './patch.ts'
import { publishedTable, publishedTables } from './published-tables.ts'
import type { RunContext } from './run-context.ts'
import { dropTable, swapTable } from './swap-table.ts'

/** Whether a transaction holds tables together. */
export function isAtomic({ warehouse }: RunContext): boolean {
  return warehouse.dialect.supports.transactions === 'all'
}

/** All in one transaction: readers see the last build, or this one. */
export async function publishAtOnce(
  run: RunContext,
  lease: Lease,
  publication: Publication,
  patches: readonly Patch[],
): Promise<void> {
  const published = publishedTable(run)
  const context = compileContext(run, publishedTables(run).tables)
  const changes = patches.flatMap((patch) => patch.steps(context))
  await lease.fenced(async () => {
    for (const step of changes) await run.warehouse.execute(statementOf(step, run.warehouse.dialect))
    for (const name of publication.made)
      await swapTable(run.warehouse, newTable(run, run.runId, name), published(name))
    for (const name of publication.stale) await dropTable(run.warehouse, published(name))
    await run.ledger.published.record(publication)
  })
}

/**
 * One table after the other, each whole in one statement. What is to be published is written down first, so that the
 * next build finishes it should this one be killed. Changes of rows are made on copies, which then are tables like any.
 */
export async function publishInParts(
  run: RunContext,
  lease: Lease,
  publication: Publication,
  patches: readonly Patch[],
): Promise<void> {
  const changed = [...new Set(patches.flatMap(({ changes }) => changes))]
  const copied: string[] = []
  for (const name of changed) if (await copyPublished(run, name)) copied.push(name)
  const context = compileContext(run, {
    ...publishedTables(run).tables,
    published: (name) => (copied.includes(name) ? newTable(run, run.runId, name) : publishedTable(run)(name)),
    temporary: temporaryTable,
  })
  for (const step of patches.flatMap((patch) => patch.steps(context)))
    await run.warehouse.execute(statementOf(step, run.warehouse.dialect))
  const whole = { ...publication, made: [...publication.made, ...copied] }
  await lease.fenced(() => run.ledger.published.intend(whole))
  await finish(run, lease, whole)
}

/** What a build that was killed had written down, and not published to the end. */
export async function finishPublications(run: RunContext, lease: Lease): Promise<void> {
  if (isAtomic(run)) return
  for (const publication of await run.ledger.published.intended()) await finish(run, lease, publication)
}

async function finish(run: RunContext, lease: Lease, publication: Publication): Promise<void> {
  const { warehouse } = run
  const published = publishedTable(run)
  for (const name of publication.made) {
    const made = newTable(run, publication.runId, name)
    // it is gone when it was published before
    if (!(await stands(run, made))) continue
    await lease.fenced(() => execute(run, replacing(run, made, published(name))))
    await dropTable(warehouse, made)
  }
  for (const name of publication.stale) await lease.fenced(() => dropTable(warehouse, published(name)))
  await lease.fenced(() => run.ledger.published.settle(publication))
}

function replacing(run: RunContext, made: TableName, published: TableName): Fragment {
  const { replace } = run.warehouse.dialect.table
  if (replace !== undefined) return replace(made, published)
  throw new SluiceError('SLU9001', {
    message: `expected ${run.warehouse.dialect.name} to replace a table in one statement, found that it does not`,
  })
}

/** False where there is none, as of event tables that a project without events has not. */
async function copyPublished(run: RunContext, name: string): Promise<boolean> {
  const published = publishedTable(run)(name)
  if (!(await stands(run, published))) return false
  const copy = newTable(run, run.runId, name)
  const { createAs } = run.warehouse.dialect.table
  await execute(run, createAs(copy, sql`select * from ${tableOf(published)}`))
  return true
}

async function stands(run: RunContext, { schema = '', name }: TableName): Promise<boolean> {
  const { dialect } = run.warehouse
  const listed = sql`select name from (${dialect.table.list(schema)}) as listed where name = ${lit(name)}`
  const rows = await run.warehouse.read({ step: STEP, sql: render(listed, dialect) })
  return rows.length > 0
}

async function execute(run: RunContext, statement: Fragment): Promise<void> {
  await run.warehouse.execute({ step: STEP, sql: render(statement, run.warehouse.dialect) })
}

const STEP = 'build.publish'
