import { DEFAULT_DATASET, type GoogleColumn, type GoogleSql, type GoogleType, KINDS } from './google-sql.ts'

export type Datasets = Map<string, Map<string, readonly GoogleColumn[]>>

/**
 * The tables of a project as the analyser is told of them. Each statement that it lets pass changes them as it would
 * change the project, so that statements after it are judged by what is there then.
 */
export class GoogleCatalog {
  readonly #analyser: GoogleSql
  readonly #shared: Datasets
  readonly #session: Datasets = new Map([['_SESSION', new Map()]])

  /** Of one session; `shared` are the datasets that all sessions of a project see. */
  constructor(analyser: GoogleSql, shared: Datasets = new Map([['sluice-region', new Map()]])) {
    this.#analyser = analyser
    this.#shared = shared
  }

  addTable(dataset: string, table: string, columns: Readonly<Record<string, keyof typeof KINDS>>): void {
    const listed = Object.entries(columns).map(([name, kind]) => ({ name, type: { typeKind: KINDS[kind] } }))
    this.#dataset(dataset).set(table, listed)
  }

  /** What the analyser has against the statement; undefined where it lets it pass. */
  async refusal(statement: string, learns = true): Promise<string | undefined> {
    if (UNKNOWN_IN_2022.some(({ written }) => written.test(statement))) return undefined
    try {
      const tables = new Map(
        [...this.#shared, ...this.#session].map(
          ([dataset, held]) => [dataset, named(held, statement)] as const,
        ),
      )
      const answer = await this.#analyser.analyse(statement, tables)
      if (learns) this.#learn(statement, answer)
      return undefined
    } catch (error) {
      return error instanceof Error ? error.message : String(error)
    }
  }

  #dataset(name: string): Map<string, readonly GoogleColumn[]> {
    const datasets = this.#session.has(name) ? this.#session : this.#shared
    const known = datasets.get(name) ?? new Map<string, readonly GoogleColumn[]>()
    datasets.set(name, known)
    return known
  }

  #learn(statement: string, answer: unknown): void {
    const [, verb = '', rest = ''] =
      /^\s*(create (?:or replace )?(?:temp )?table(?: if not exists)?|create schema(?: if not exists)?|drop table(?: if exists)?|drop schema(?: if exists)?|alter table)\s+(.*)$/s.exec(
        withoutComments(statement),
      ) ?? []
    const [dataset = '', table = ''] = namesIn(rest)
    if (verb.startsWith('create schema')) this.#dataset(table)
    else if (verb.startsWith('drop schema')) this.#shared.delete(table)
    else if (verb.startsWith('create')) {
      if (verb.includes('or replace')) this.#dataset(dataset).delete(table)
      this.#create(dataset, table, this.#copied(rest) ?? columnsOf(answer))
    } else if (verb.startsWith('drop')) this.#dataset(dataset).delete(table)
    else if (verb.startsWith('alter')) this.#alter(dataset, table, rest, answer)
  }

  #copied(rest: string): readonly GoogleColumn[] | undefined {
    const source = /^\S+ copy (.*)$/s.exec(rest)?.[1]
    if (source === undefined) return undefined
    const [dataset = '', table = ''] = namesIn(source)
    return this.#dataset(dataset).get(table)
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
  { what: 'columns that the session puts in', written: /`sluice-session-columns`/ },
  { what: 'variables of the system', written: /@@\w+/ },
  { what: 'CALL of a procedure of the system', written: /\bcall bq\./i },
]

/** Those that the statement may mean: all of them would be sent with every statement. */
function named(tables: ReadonlyMap<string, readonly GoogleColumn[]>, statement: string) {
  return new Map([...tables].filter(([name]) => statement.includes(name)))
}

function withoutComments(sql: string): string {
  return sql.replaceAll(/\/\*.*?\*\/|^\s*--[^\n]*$/gms, '')
}

/** Dataset and table. */
function namesIn(text: string): readonly string[] {
  const path = /^(?:`((?:[^`\\]|\\.)*)`|(\w+))(?:\.(?:`((?:[^`\\]|\\.)*)`|(\w+)))?/.exec(text.trim())
  const first = path?.[1] ?? path?.[2] ?? ''
  const second = path?.[3] ?? path?.[4]
  return second === undefined ? [DEFAULT_DATASET, first] : [first, second]
}

/** Of the table that a statement makes, or of the column that it adds, wherever in the answer they stand. */
export function columnsOf(answer: unknown): readonly GoogleColumn[] {
  const listed = found(answer, 'outputColumnList') ?? found(answer, 'columnDefinitionList')
  if (listed !== undefined) return listed.flatMap(columnOf)
  const added = found(answer, 'alterActionList') ?? []
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
