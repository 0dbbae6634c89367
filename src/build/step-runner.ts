import { SluiceError } from '../base/errors.ts'
import { statementOf } from '../compile/render-step.ts'
import type { Step } from '../compile/step.ts'
import type { TableName } from '../dialect/dialect.ts'
import { type Fragment, render } from '../dialect/fragment.ts'
import type { Row } from '../warehouse/warehouse.ts'
import { countStep } from './count-step.ts'
import type { RunContext } from './run-context.ts'
import { runScript } from './run-script.ts'
import { stopIfTold, untilTold } from './until-told.ts'

/**
 * Runs steps one after the other in the run's session, and remembers the temporary tables that they make. A run that
 * was told to stop stops (SLU7011), in the middle of a step too.
 */
export class StepRunner {
  readonly #run: RunContext
  readonly #made: TableName[] = []
  readonly #views: TableName[] = []
  readonly #rows = new Map<string, number>()

  constructor(run: RunContext) {
    this.#run = run
  }

  /** The rows that the step made; asked again where the engine does not say. */
  async run(step: Step): Promise<number> {
    const { warehouse, signal } = this.#run
    stopIfTold(signal)
    this.#run.progress.update(`${step.name}: ${step.summary}`)
    const said = await untilTold(this.#run, () => warehouse.execute(statementOf(step, warehouse.dialect)))
    if (step.creates === undefined) return said
    if (step.creates.schema === undefined) this.#made.push(step.creates)
    await this.#analyze(step.creates)
    const { tellsRows } = warehouse.dialect.table
    const rows = said > 0 || tellsRows ? said : await this.count(step.creates)
    this.#rows.set(step.creates.name, rows)
    return rows
  }

  /** Takes over a table that another runner made and keeps. */
  adopt(table: TableName, rows: number): void {
    if (table.schema === undefined) this.#made.push(table)
    this.#rows.set(table.name, rows)
  }

  /** Makes a view of this session instead of a table. */
  async runView(step: Step & { readonly creates: TableName }): Promise<void> {
    const { warehouse } = this.#run
    stopIfTold(this.#run.signal)
    const view = render(warehouse.dialect.table.createView(step.creates, step.query), warehouse.dialect)
    await warehouse.execute({ step: step.name, sql: view })
    this.#views.push(step.creates)
  }

  /** Of a table that a step made. */
  rowsOf(table: TableName): number {
    const rows = this.#rows.get(table.name)
    if (rows !== undefined) return rows
    throw new SluiceError('SLU9001', { message: `expected a step that made ${table.name}, found none` })
  }

  async runAll(steps: readonly Step[]): Promise<void> {
    for (const step of steps) await this.run(step)
  }

  async read(step: Step): Promise<readonly Row[]> {
    const { warehouse } = this.#run
    return untilTold(this.#run, () => warehouse.read(statementOf(step, warehouse.dialect)))
  }

  /** The one row of a question about the whole. */
  async readOne(step: Step): Promise<Row> {
    const [row] = await this.read(step)
    if (row !== undefined) return row
    throw new SluiceError('SLU9001', { message: `expected one row from ${step.name}, found none` })
  }

  async count(table: TableName): Promise<number> {
    const [row] = await this.read(countStep(table))
    return Number(row?.records ?? 0)
  }

  /** Views and temporary tables that this runner made, `kept` tables excepted. */
  async dropMade(kept: ReadonlySet<string> = new Set()): Promise<void> {
    const { dropView, dropIfExists } = this.#run.warehouse.dialect.table
    const made = this.#made.splice(0)
    this.#made.push(...made.filter(({ name }) => kept.has(name)))
    const tables = made.filter(({ name }) => !kept.has(name)).reverse()
    await this.#drop([...this.#views.splice(0).map(dropView), ...tables.map(dropIfExists)])
  }

  drop(...tables: readonly TableName[]): Promise<void> {
    return this.#drop(tables.map(this.#run.warehouse.dialect.table.dropIfExists))
  }

  #drop(drops: readonly Fragment[]): Promise<void> {
    return runScript(this.#run.warehouse, 'build.drop', drops)
  }

  async #analyze(table: TableName): Promise<void> {
    const { warehouse } = this.#run
    const { analyze } = warehouse.dialect.table
    if (analyze === undefined) return
    await warehouse.execute({ step: 'build.analyze', sql: render(analyze(table), warehouse.dialect) })
  }
}
