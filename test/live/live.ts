import { existsSync, readFileSync } from 'node:fs'
import { type TestContext, test } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import { goTheChain } from '../support/chain.ts'

/** What differs between accounts, beside their settings. */
export interface LiveWarehouse {
  /** A target's type. */
  readonly type: string
  /** Statements that drop a schema with all that stands in it. */
  readonly dropSchema: (schema: string) => readonly string[]
}

/**
 * The whole way of a project on a real account, whose settings stand in `SLUICE_LIVE_<TYPE>` as JSON, or in the file
 * that it names. Nothing is run, and that is said, without. It makes two schemas of its own, and drops them.
 */
export function liveChain({ type, dropSchema }: LiveWarehouse): void {
  const variable = `SLUICE_LIVE_${type.toUpperCase()}`
  const written = process.env[variable]
  const skip = written === undefined ? `not run: ${variable} is not set` : false
  test(`live: a project goes the whole way on ${type}`, { skip }, async (context) => {
    const settings = settingsOf(written ?? '{}')
    const mark = `${Date.now().toString(36)}${process.pid}`
    const [schema, stateSchema] = [`sluice_live_sources_${mark}`, `sluice_live_${mark}`]
    const warehouse = await openWarehouse({ type, directory: '.', settings, runId: 'live' })
    context.after(async () => {
      for (const sql of [schema, stateSchema].flatMap(dropSchema))
        await warehouse.execute({ step: 'live', sql }).catch(tell(context))
      await warehouse.close()
    })
    const { target, env } = inVariables(settings)
    await goTheChain({
      target: JSON.stringify({ type, ...target, state_schema: stateSchema }),
      env,
      schema,
      warehouse,
      context,
    })
  })
}

type Settings = ReadonlyMap<string, string | number | boolean>

function settingsOf(written: string): Settings {
  const text = existsSync(written) ? readFileSync(written, 'utf8') : written
  return new Map(Object.entries(JSON.parse(text)))
}

/** No setting stands in the project's file. */
function inVariables(settings: Settings) {
  const named = [...settings].map(([name, value]) => [name, `LIVE_${name.toUpperCase()}`, value] as const)
  return {
    target: Object.fromEntries(named.map(([name, variable]) => [name, `\${${variable}}`])),
    env: Object.fromEntries(named.map(([, variable, value]) => [variable, String(value)])),
  }
}

/** What is left behind must be known, and is no failure of the run. */
function tell(context: TestContext): (error: unknown) => void {
  return (error) => context.diagnostic(`left behind: ${error instanceof Error ? error.message : ''}`)
}
