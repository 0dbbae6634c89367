import type { IdentityDiff, Moved } from '../../inspect/identity-diff.ts'
import type { Answer, Json } from '../answer.ts'
import type { IdentityDiffFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { EXIT } from '../exit-codes.ts'
import { plain } from '../render/plain.ts'
import type { Style } from '../render/style.ts'
import { count, facts, plural } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { stitchedEntity } from '../stitched-entity.ts'

/** What the rules of the project at hand would merge and split. Publishes nothing. */
export async function identityDiff(
  context: CommandContext,
  name: string | undefined,
  flags: IdentityDiffFlags,
): Promise<Answer> {
  const entity = stitchedEntity(await context.project(), name)
  const run = await openRun(context)
  const inspect = await import('../../inspect/identity-diff.ts')
  const diff = await inspect.identityDiff(run, entity)
  const isChanged = diff.merges.entities + diff.splits.entities > 0
  return {
    json: diffJson(diff),
    text: (style) => diffText(diff, style),
    exitCode: flags.detailedExitcode && isChanged ? EXIT.changes : EXIT.done,
  }
}

function diffJson(diff: IdentityDiff): Answer['json'] {
  return {
    entity: diff.entity,
    as_of: diff.asOf,
    rules_changed: diff.rulesChanged,
    before: { ...diff.before },
    after: { ...diff.after },
    new_records: diff.newRecords,
    gone_records: diff.goneRecords,
    merges: movedJson(diff.merges),
    splits: movedJson(diff.splits),
  }
}

function movedJson({ entities, parts, examples }: Moved): Json {
  return {
    entities,
    parts,
    examples: examples.map((one) => ({
      id: one.id,
      records: one.records,
      part_count: one.partCount,
      parts: one.parts.map((part) => ({ id: part.id, records: part.records, record_ids: part.recordIds })),
    })),
  }
}

function diffText(diff: IdentityDiff, style: Style): string {
  const { before, after, merges, splits } = diff
  const both = (one: number, other: number) =>
    one === other ? count(one) : `${count(one)} -> ${count(other)}`
  return [
    facts([
      ['entity', diff.entity],
      ['as of', diff.asOf],
      ['rules', diff.rulesChanged ? 'changed since the published build' : 'as published'],
      ['records', both(before.records, after.records)],
      ['entities', both(before.entities, after.entities)],
      ['merges', summary(merges, 'united from')],
      ['splits', summary(splits, 'falling into')],
      ...(diff.newRecords + diff.goneRecords === 0
        ? []
        : [
            [
              'in one only',
              `${plural(diff.goneRecords, 'published record')}, ${plural(diff.newRecords, 'new one')}`,
            ] as const,
          ]),
    ]),
    ...examplesText('WOULD BE ONE', merges, style),
    ...examplesText('WOULD FALL APART', splits, style),
  ].join('\n\n')
}

function summary({ entities, parts }: Moved, how: string): string {
  return entities === 0 ? 'none' : `${count(entities)}, ${how} ${count(parts)}`
}

function examplesText(title: string, { examples }: Moved, style: Style): readonly string[] {
  if (examples.length === 0) return []
  const lines = examples.flatMap((one) => [
    `${plain(one.id)}  ${plural(one.records, 'record')}`,
    ...one.parts.map(
      (part) =>
        `  ${plain(part.id)}  ${plural(part.records, 'record')}: ${part.recordIds.map(plain).join(', ')}${part.records > part.recordIds.length ? ', ...' : ''}`,
    ),
    ...(one.partCount > one.parts.length ? [`  and ${count(one.partCount - one.parts.length)} more`] : []),
  ])
  return [[style('bold', title), ...lines].join('\n')]
}
