import { answerWords } from '../../src/connector/answer-words.ts'
import { APPLIED, allOf, type Row, type RowReceipts } from '../../src/connector/rows.ts'
import type { Batch, Receipt } from '../../src/connector/types.ts'
import type { Sessions } from './sessions.ts'
import { deleteStatement, insertStatement, type Table, updateStatement } from './statements.ts'

/** All of them leave by one statement; what is not there is gone already. */
export async function removed(
  sessions: Sessions,
  table: Table,
  batch: Batch,
  rows: readonly Row[],
): Promise<RowReceipts> {
  const keys = keysOf(rows)
  await sessions.rows(deleteStatement(table, keys, documentsOf(rows)), wordsOf(batch))
  return allOf(rows, APPLIED)
}

/**
 * One statement for all rows with the same fields, which are all rows but where missing or unchanged ones are left out.
 * It is applied whole or not at all.
 */
export async function written(
  sessions: Sessions,
  table: Table,
  batch: Batch,
  rows: readonly Row[],
): Promise<RowReceipts> {
  const receipts = new Map<Row, Receipt>()
  const alike = Map.groupBy(rows, ({ change }) => JSON.stringify(Object.keys(change.fields).sort()))
  for (const some of alike.values()) {
    const told =
      batch.mode === 'update'
        ? await updated(sessions, table, batch, some)
        : await inserted(sessions, table, batch, some)
    for (const [row, receipt] of told) receipts.set(row, receipt)
  }
  return receipts
}

async function inserted(
  sessions: Sessions,
  table: Table,
  batch: Batch,
  rows: readonly Row[],
): Promise<RowReceipts> {
  const set = batch.mode === 'insert' ? [] : fieldsOf(rows)
  const statement = insertStatement(
    table,
    { keys: keysOf(rows), fields: fieldsOf(rows), set },
    documentsOf(rows),
  )
  await sessions.rows(statement, wordsOf(batch))
  return allOf(rows, APPLIED)
}

async function updated(
  sessions: Sessions,
  table: Table,
  batch: Batch,
  rows: readonly Row[],
): Promise<RowReceipts> {
  const statement = updateStatement(table, { keys: keysOf(rows), fields: fieldsOf(rows) }, documentsOf(rows))
  const found = new Set((await sessions.rows(statement, wordsOf(batch))).map(({ n }) => Number(n)))
  return new Map(rows.map((row, at) => [row, found.has(at + 1) ? APPLIED : NOT_THERE]))
}

const NOT_THERE: Receipt = {
  status: 'rejected',
  error: 'expected a row with this key in the table, found none',
}

function keysOf([first]: readonly Row[]): readonly string[] {
  return Object.keys(first?.change.key ?? {})
}

/** Beside those of the key, which say who it is. */
function fieldsOf([first]: readonly Row[]): readonly string[] {
  const { key = {}, fields = {} } = first?.change ?? {}
  return Object.keys(fields)
    .filter((name) => !Object.hasOwn(key, name))
    .sort()
}

/** As the server reads rows of the table. */
function documentsOf(rows: readonly Row[]): string {
  return JSON.stringify(rows.map(({ change: { fields, key } }) => ({ ...fields, ...key })))
}

/** What the server says quotes values. Of a row that is alone all of them are known. */
function wordsOf(batch: Batch): (said: string) => string | undefined {
  const words = answerWords(batch)
  return (said) => words(batch.count === 1 ? 0 : ANY_ROW, said)
}

/** No row in particular. */
const ANY_ROW = -1
