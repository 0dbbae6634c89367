import type { Instant } from '../base/instant.ts'
import type { RunContext } from '../build/run-context.ts'
import type { CompileContext } from '../compile/context.ts'
import { temporaryTable } from '../compile/tables.ts'
import type { TableName } from '../dialect/dialect.ts'
import type { CommandContext } from './context.ts'

/** What the engine works with, for one command. Opens the warehouse; writes nothing. */
export async function openRun(
  context: CommandContext,
  options: { readonly waitMs?: number | undefined } = {},
): Promise<RunContext> {
  const graph = await context.graph()
  const target = await context.target()
  const warehouse = await context.warehouse(options.waitMs)
  const templates = await context.templates(warehouse.dialect)
  const { openLedger } = await import('../ledger/open.ts')
  const ledger = openLedger({
    warehouse,
    templates,
    stateSchema: target.stateSchema,
    project: graph.project.name,
    target: target.name,
    clock: context.clock,
  })
  return {
    graph,
    target,
    warehouse,
    ledger,
    templates,
    env: context.env,
    runId: context.runId,
    asOf: context.asOf,
    allowPast: context.flags.allowPast === true,
    waitMs: options.waitMs,
    clock: context.clock,
    ids: context.ids,
    progress: context.progress,
    signal: context.signal,
  }
}

/**
 * For compiling without a connection. Tables stand where a build publishes them. `dialect` wins over the target's, and decides which text of an SQL map is taken.
 */
export async function offlineContext(
  context: CommandContext,
  options: { readonly dialect?: string | undefined; readonly asOf?: Instant } = {},
): Promise<CompileContext> {
  const graph = await context.graph()
  const dialect = await context.dialect(options.dialect)
  const stateSchema =
    options.dialect === undefined ? (await context.target()).stateSchema : await stateSchemaOf(context)
  const published = (name: string): TableName => ({ schema: stateSchema, name })
  return {
    graph,
    dialect,
    targetType: dialect.name,
    templates: await context.templates(dialect),
    stateSchema,
    asOf: options.asOf ?? context.asOf,
    env: context.env,
    tables: { output: published, published, temporary: temporaryTable },
  }
}

/** Another dialect may be asked for in a project that has no target yet. */
async function stateSchemaOf(context: CommandContext): Promise<string> {
  const { targets, profileTargets } = await context.project()
  return targets.size + profileTargets.size === 0 ? 'sluice' : (await context.target()).stateSchema
}
