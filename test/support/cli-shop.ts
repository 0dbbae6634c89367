import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { openWarehouse } from '../../src/warehouse/open.ts'
import type { Row } from '../../src/warehouse/warehouse.ts'
import { type CliResult, projectFolder, sluice } from './cli.ts'
import type { EngineName } from './engines.ts'
import { asEngine, givePrintedRights } from './least-role.ts'
import { freshPostgres } from './postgres.ts'

/** A project on one engine whose syncs read tables, driven by the command line as a user does. */
export interface CliShop {
  readonly folder: string
  /** `sluice -C FOLDER ...`. */
  run(...args: readonly string[]): Promise<CliResult>
  /** The same with `-o json`, which must end with 0. */
  answer(...args: readonly string[]): Promise<Readonly<Record<string, unknown>>>
  /** Statements of somebody else, while no command runs. Gives the rows of the last. */
  sql(...statements: readonly string[]): Promise<readonly Row[]>
  /** Changes `sluice.yml`. */
  edit(change: (yaml: string) => string): void
  /** What `doctor --grants` prints, once more, as the owner would run it; before the first command it is done anyway. */
  grant(): Promise<void>
}

export interface CliShopParts {
  /** Definitions below the target. */
  readonly yaml: string
  /** More settings of the target, as YAML: `, state_schema: other`. */
  readonly target?: string
}

export async function cliShop(
  context: TestContext,
  engine: EngineName,
  { yaml, target: more = '' }: CliShopParts,
): Promise<CliShop> {
  const settings = engine === 'duckdb' ? new Map([['path', 'shop.duckdb']]) : await freshPostgres()
  const target = engine === 'postgres' ? asEngine(settings) : settings
  const shown = [...target].map(([name, value]) => `${name}: ${JSON.stringify(value)}`).join(', ')
  const head = `version: 1
name: cli_shop
targets:
  dev: {type: ${engine}, ${shown}${more}}
`
  const folder = projectFolder(context, { 'sluice.yml': `${head}${yaml}` })
  let given: string | undefined
  /** As the owner would after each change of what they depend on. */
  const rights = async () => {
    const asked = readFileSync(join(folder, 'sluice.yml'), 'utf8').match(
      /\b(?:table|state_schema): *[^,}\n]+/g,
    )
    if (given !== String(asked)) await shop.grant()
    given = String(asked)
  }
  const shop: CliShop = {
    folder,
    async run(...args) {
      await rights()
      return sluice(['-C', folder, ...args])
    },
    async answer(...args) {
      const result = await shop.run(...args, '-o', 'json')
      if (result.code !== 0) throw new Error(`ended with ${result.code}: ${result.stdout}${result.stderr}`)
      return result.json()
    },
    async sql(...statements) {
      const warehouse = await openWarehouse({ type: engine, directory: folder, settings, runId: 'test' })
      try {
        let rows: readonly Row[] = []
        for (const sql of statements) {
          if (/^\s*select\b/i.test(sql)) rows = await warehouse.read({ step: 'test', sql })
          else await warehouse.execute({ step: 'test', sql })
        }
        return rows
      } finally {
        await warehouse.close()
      }
    },
    async grant() {
      if (engine === 'postgres') await givePrintedRights(folder, settings)
    },
    edit(change) {
      const path = join(folder, 'sluice.yml')
      writeFileSync(path, change(readFileSync(path, 'utf8')))
    },
  }
  return shop
}

/** Two syncs of one table of people, to one receiver. */
export function twoSyncs(url: string): string {
  const sync = (name: string, city: string) =>
    `  - {name: ${name}, source: people, to: hook.rows, mode: mirror, match: {id: id}, map: {city: ${city}}, guard: {max_rejected: 100%, max_remove: 100%}}`
  return `sources:
  - {name: people, table: people, primary_key: id}
destinations:
  - {name: hook, connector: http, settings: {url: "${url}", allow_private_network: true}}
syncs:
${sync('cities', 'city')}
${sync('towns', '{sql: "upper({city})"}')}
`
}

export const PEOPLE = [
  'create table people (id varchar(40), city varchar(20))',
  "insert into people values ('a@x.example', 'Aa'), ('b@x.example', 'Bb'), ('c@x.example', 'Cc'), ('d@x.example', 'Dd')",
]
