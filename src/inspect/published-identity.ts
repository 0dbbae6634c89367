import { SluiceError } from '../base/errors.ts'
import { compileContext } from '../build/compile-context.ts'
import { publishedTables } from '../build/published-tables.ts'
import type { RunContext } from '../build/run-context.ts'
import { stageSources } from '../build/staging.ts'
import { StepRunner } from '../build/step-runner.ts'
import type { CompileContext } from '../compile/context.ts'
import { identityRecords } from '../compile/identity/slots.ts'
import { recordTables } from '../compile/inspect/entity-records.ts'
import type { Entity } from '../spec/project.ts'

/**
 * Asks about an entity's identity as it was published, with the records as its sources have them now. Throws: SLU7010
 * before the first build.
 */
export async function withPublishedIdentity<T>(
  run: RunContext,
  entity: Entity,
  ask: (context: CompileContext) => Promise<T>,
): Promise<T> {
  const published = (await run.ledger.published.nodes()).get(`identity:${entity.name}`)
  if (published === undefined)
    throw new SluiceError('SLU7010', {
      message: `expected a published identity of ${entity.name}, found none`,
      hint: 'build it first: sluice build',
    })
  const { tables } = publishedTables(run)
  const context = { ...compileContext(run, tables), asOf: published.asOf }
  const sources = identityRecords(run.graph, entity).map(({ source }) => source)
  const runner = new StepRunner(run)
  await stageSources(run, tables, sources)
  await runner.runAll(recordTables(context, entity))
  try {
    return await ask(context)
  } finally {
    // The session may be gone; what happened before is what must be told.
    await runner.dropMade().catch(() => {})
  }
}
