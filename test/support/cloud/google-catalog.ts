import { type GoogleColumn, type GoogleSql, type GoogleType, KINDS } from './google-sql.ts'

/**
 * The tables of a project as the analyser is told of them. Each statement that it lets pass changes them as it would
 * change the project, so that statements after it are judged by what is there then.
 */
export class GoogleCatalog {
  readonly #analyser: GoogleSql
  readonly #datasets = new Map<string, Map<string, readonly GoogleColumn[]>>([
    ['_SESSION', new Map()],
    ['sluice-region', new Map()],
  ])

  constructor(analyser: GoogleSql) {
    this.#analyser = analyser
  }

  addTable(dataset: string, table: string, columns: Readonly<Record<string, keyof typeof KINDS>>): void {
    const listed = Object.entries(columns).map(([name, kind]) => ({ name, type: { typeKind: KINDS[kind] } }))
    this.#dataset(dataset).set(table, listed)
  }

  /** What the analyser has against the statement; undefined where it lets it pass. */
  async refusal(statement: string): Promise<string | undefined> {
    if (UNKNOWN_IN_2022.some(({ written }) => written.test(statement))) return undefined
    try {
      this.#learn(statement, await this.#analyser.analyse(statement, this.#datasets))
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #dataset(name: string): Map<string, readonly GoogleColumn[]> {
    const known = this.#datasets.get(name) ?? new Map<string, readonly GoogleColumn[]>()
    this.#datasets.set(name, known)
    return known
  }

  #learn(statement: string, answer: unknown): void {
    const [, verb = '', rest = ''] =
      /^\s*(create (?:temp )?table(?: if not exists)?|create schema(?: if not exists)?|drop table(?: if exists)?|drop schema(?: if exists)?|alter table)\s+(.*)$/s.exec(
        withoutComments(statement),
      ) ?? []
    const [dataset = '', table = ''] = namesIn(rest)
    if (verb.startsWith('create schema')) this.#dataset(dataset)
    else if (verb.startsWith('drop schema')) this.#datasets.delete(dataset)
    else if (verb.startsWith('create')) this.#create(dataset, table, columnsOf(answer))
    else if (verb.startsWith('drop')) this.#datasets.get(dataset)?.delete(table)
    else if (verb.startsWith('alter')) this.#alter(dataset, table, rest, answer)
  }

  #create(dataset: string, table: string, columns: readonly GoogleColumn[]): void {
    if (!this.#dataset(dataset).has(table)) this.#dataset(dataset).set(table, columns)
  }

  #alter(dataset: string, table: string, rest: string, answer: unknown): void {
    const tables = this.#dataset(dataset)
    const columns = tables.get(table) ?? []
    const renamed = /rename to `(\w+)`/.exec(rest)?.[1]
    const added = columnsOf(answer).filter(({ name }) => !columns.some((one) => one.name === name))
    if (renamed !== undefined) {
      tables.delete(table)
      tables.set(renamed, columns)
    } else if (rest.includes(' add column ')) tables.set(table, [...columns, ...added])
  }
}

/** What BigQuery has and the analyser of 2022 does not. A statement with one of these is not judged. */
const UNKNOWN_IN_2022: readonly { readonly what: string; readonly written: RegExp }[] = [
  { what: 'EDIT_DISTANCE', written: /\bedit_distance\(/ },
  { what: 'CALL of a procedure of the system', written: /\bcall bq\./i },
]

function withoutComments(sql: string): string {
  return sql.replaceAll(/\/\*.*?\*\/|^\s*--[^\n]*$/gms, '')
}

/** The first two names of a path. */
function namesIn(text: string): readonly string[] {
  const path = /^(?:`((?:[^`\\]|\\.)*)`|(\w+))(?:\.`((?:[^`\\]|\\.)*)`)?/.exec(text.trim())
  return [path?.[1] ?? path?.[2] ?? '', path?.[3] ?? '']
}

/** Of the table that a statement makes, or of the column that it adds, wherever in the answer they stand. */
export function columnsOf(answer: unknown): readonly GoogleColumn[] {
  const listed = found(answer, 'outputColumnList') ?? found(answer, 'columnDefinitionList')
  if (listed !== undefined) return listed.flatMap(columnOf)
  const added = found(answer, 'actionList') ?? []
  return added.flatMap((action) => columnOf(foundObject(action, 'columnDefinition')))
}

function columnOf(listed: unknown): readonly GoogleColumn[] {
  const one = listed as {
    readonly name?: string
    readonly type?: GoogleType
    readonly column?: { readonly type: GoogleType }
  }
  const type = one?.type ?? one?.column?.type
  return one?.name === undefined || type === undefined || type === null ? [] : [{ name: one.name, type }]
}

function found(answer: unknown, key: string): readonly unknown[] | undefined {
  const value = firstNamed(answer, key, (one) => Array.isArray(one) && one.length > 0)
  return value as readonly unknown[] | undefined
}

function foundObject(answer: unknown, key: string): unknown {
  return firstNamed(answer, key, (one) => one !== null && typeof one === 'object')
}

/** The first value of that name, the outer ones first. */
function firstNamed(answer: unknown, key: string, fits: (value: unknown) => boolean): unknown {
  let level: readonly unknown[] = [answer]
  while (level.length > 0) {
    for (const one of level) {
      const value = (one as Record<string, unknown>)[key]
      if (value !== undefined && fits(value)) return value
    }
    level = level.flatMap((one) =>
      Object.values(one as object).filter((value) => value !== null && typeof value === 'object'),
    )
  }
  return undefined
}
