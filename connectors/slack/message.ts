import { DestinationError } from '../../src/connector/errors.ts'
import type { Batch } from '../../src/connector/types.ts'

const PLACEHOLDER = /\{(\w*)\}/g

/** Throws a DestinationError `stop` for what nothing is filled in for. */
export function checkTemplate(text: string): void {
  for (const [found, name = ''] of text.matchAll(PLACEHOLDER))
    if (!NAMES.includes(name))
      throw new DestinationError('stop', {
        message: `expected ${NAMES.map((one) => `{${one}}`).join(', ')} in the setting text, found ${found}`,
      })
}

/** Counts and the sync's name: whatever the rows hold, no value of theirs is in it. */
export function messageOf(batch: Batch, text: string): string {
  checkTemplate(text)
  const filled = filledOf(batch)
  return text.replaceAll(PLACEHOLDER, (_, name: string) => String(filled.get(name)))
}

const NAMES: readonly string[] = ['sync', 'added', 'changed', 'removed']

function filledOf(batch: Batch): ReadonlyMap<string, string | number> {
  const ops = batch.changes().map(({ op }) => op)
  const countOf = (op: (typeof ops)[number]) => ops.filter((one) => one === op).length
  return new Map<string, string | number>([
    ['sync', batch.sync],
    ['added', countOf('add')],
    ['changed', countOf('change')],
    ['removed', countOf('remove')],
  ])
}
