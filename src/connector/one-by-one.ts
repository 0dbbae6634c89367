import { DestinationError } from './errors.ts'
import type { Row, RowReceipts } from './rows.ts'
import type { Receipt } from './types.ts'

/**
 * For APIs that take one row a request: sends them in order. What breaks off the first row is thrown, as for a whole
 * batch; after that the rows that were answered keep their receipts: a refusal is the row's own, and anything else puts
 * off this row and the rest, so that the engine begins anew with them and meets what is wrong at the first.
 */
export async function oneByOne(
  rows: readonly Row[],
  send: (row: Row) => Promise<Receipt>,
): Promise<RowReceipts> {
  const told = new Map<Row, Receipt>()
  for (const row of rows) {
    const answer = await receiptOrError(() => send(row))
    if (!(answer instanceof DestinationError)) told.set(row, answer)
    else if (told.size === 0) throw answer
    else if (answer.action === 'split') told.set(row, { status: 'rejected', error: answer.message })
    else {
      told.set(row, answer.ambiguous ? { ...putOff(answer), ambiguous: true } : putOff(answer))
      return new Map([...rows.map((one) => [one, putOff(answer)] as const), ...told])
    }
  }
  return told
}

async function receiptOrError(send: () => Promise<Receipt>): Promise<Receipt | DestinationError> {
  try {
    return await send()
  } catch (error) {
    if (error instanceof DestinationError) return error
    throw error
  }
}

function putOff({ message, afterMs }: DestinationError): Extract<Receipt, { status: 'retry' }> {
  return { status: 'retry', error: message, ...(afterMs === undefined ? {} : { afterMs }) }
}
