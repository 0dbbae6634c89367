import type { Tables } from '../compile/context.ts'
import { stageSteps } from '../compile/sources/relation.ts'
import type { Step } from '../compile/step.ts'
import type { Source } from '../spec/project.ts'
import type { Warehouse } from '../warehouse/warehouse.ts'
import { compileContext } from './compile-context.ts'
import type { RunContext } from './run-context.ts'
import { StepRunner } from './step-runner.ts'

/** Temporary tables live as long as their session: which files each session has read, by table name. */
const STAGED = new WeakMap<Warehouse, Set<string>>()

/**
 * Reads the files among the sources into tables of this session, each once a run however often it is asked: builds
 * and syncs of one run see one state of a file.
 */
export async function stageSources(
  run: RunContext,
  tables: Tables,
  sources: readonly Source[],
): Promise<void> {
  const runner = new StepRunner(run)
  const staged = STAGED.get(run.warehouse) ?? new Set()
  STAGED.set(run.warehouse, staged)
  for (const step of stageSteps(compileContext(run, tables), sources)) {
    const name = step.creates?.name ?? ''
    if (staged.has(name)) continue
    await runner.run(step)
    staged.add(name)
  }
}

export function isStaged(warehouse: Warehouse, step: Step): boolean {
  return STAGED.get(warehouse)?.has(step.creates?.name ?? '') === true
}
