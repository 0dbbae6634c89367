import type { CompileContext, Tables } from '../compile/context.ts'
import type { RunContext } from './run-context.ts'

/** What the compiling functions are given in this run. */
export function compileContext(run: RunContext, tables: Tables): CompileContext {
  return {
    graph: run.graph,
    dialect: run.warehouse.dialect,
    targetType: run.target.type.value,
    templates: run.templates,
    stateSchema: run.target.stateSchema,
    asOf: run.asOf,
    env: run.env,
    tables,
  }
}
