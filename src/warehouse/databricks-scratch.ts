import { databricks } from '../dialect/databricks.ts'
import { SESSION_SCHEMA } from '../dialect/databricks-catalog.ts'

/** How the tables of all sessions begin: their own names say when they were made, so that forgotten ones are found. */
export const SCRATCH_PREFIX = 'sluice_tmp_'

/** `sluice_tmp_<seconds since 1970>_<random>_`. */
export function scratchPrefix(nowMs: number, randomHex: string): string {
  return `${SCRATCH_PREFIX}${Math.floor(nowMs / 1000)}_${randomHex}_`
}

/** A run that takes longer than a day has its tables swept from under it. */
const ORPHANED_AFTER_SECONDS = 86_400

/** Whether it is a table of a session that is surely dead. */
export function isOrphan(tableName: string, nowMs: number): boolean {
  const madeAt = new RegExp(`^${SCRATCH_PREFIX}(\\d{9,11})_[0-9a-f]+_`).exec(tableName)?.[1]
  return madeAt !== undefined && Number(madeAt) + ORPHANED_AFTER_SECONDS < nowMs / 1000
}

/**
 * The temporary tables of one session: a request to Databricks has no session, so that they are tables of the state
 * schema with a name of this session's own, which are dropped when it ends.
 */
export class ScratchTables {
  readonly #schema: string
  readonly #prefix: string
  readonly #made = new Map<string, 'table' | 'view'>()

  constructor(schema: string, prefix: string) {
    this.#schema = schema
    this.#prefix = prefix
  }

  /** The statement with the tables' own names, and what is to be called once it has run. */
  named(statement: string): { readonly sql: string; readonly makes: boolean; readonly done: () => void } {
    const makes: [name: string, kind: 'table' | 'view'][] = []
    const drops: string[] = []
    const sql = statement.replaceAll(PIECE, (piece, table?: string, catalogued?: string, at?: number) => {
      if (catalogued !== undefined)
        return `table_schema = ${databricks.literal(this.#schema.toLowerCase())} and table_name = '${this.#prefix}${catalogued}'`
      if (table === undefined) return piece
      const before = statement.slice(Math.max(0, (at ?? 0) - LONGEST_OPENING), at)
      const kind = MAKES.exec(before)?.[1]?.toLowerCase()
      if (kind === 'table' || kind === 'view') makes.push([table, kind])
      if (DROPS.test(before)) drops.push(table)
      return this.#nameOf(table)
    })
    // At once: nobody knows of a statement without an answer whether it ran.
    for (const [name, kind] of makes) this.#made.set(name, kind)
    return {
      sql,
      makes: makes.length > 0,
      done: () => {
        for (const name of drops) this.#made.delete(name)
      },
    }
  }

  /** What drops those that still stand, the last one first: a view reads what was made before it. */
  drops(): readonly string[] {
    const left = [...this.#made].reverse()
    this.#made.clear()
    return left.map(([name, kind]) => `drop ${kind} if exists ${this.#nameOf(name)}`)
  }

  /** `name` is quoted already but for its quotes. */
  #nameOf(name: string): string {
    return `${databricks.quote(this.#schema)}.\`${this.#prefix}${name}\``
  }
}

/** Texts, comments and names are passed over whole: what stands inside of them is not ours. */
const PIECE = new RegExp(
  [
    String.raw`\br'[^']*'|\br"[^"]*"`,
    String.raw`'(?:[^'\\]|\\[\s\S])*'|"(?:[^"\\]|\\[\s\S])*"`,
    String.raw`--[^\n]*|/\*[\s\S]*?\*/`,
    `\`${SESSION_SCHEMA}\`\\.\`((?:[^\`]|\`\`)+)\``,
    '`(?:[^`]|``)*`',
    `table_schema = '${SESSION_SCHEMA}' and table_name = '((?:[^'\\\\]|\\\\[\\s\\S])*)'`,
  ].join('|'),
  'g',
)

const MAKES = /\bcreate\s+(?:or\s+replace\s+)?(table|view)\s+(?:if\s+not\s+exists\s+)?$/i
const DROPS = /\bdrop\s+(?:table|view)\s+(?:if\s+exists\s+)?$/i
const LONGEST_OPENING = 60
