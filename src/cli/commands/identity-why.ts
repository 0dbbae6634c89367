import type { PathStep } from '../../inspect/identity-path.ts'
import type { EntitySize, IdentityWhy } from '../../inspect/identity-why.ts'
import type { Answer, Json } from '../answer.ts'
import type { IdentityFlags, UnmaskFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { plain } from '../render/plain.ts'
import type { Style } from '../render/style.ts'
import { count, plural } from '../render/table.ts'
import { openRun } from '../run-context.ts'
import { stitchedEntity } from '../stitched-entity.ts'

/** Why two records are one entity, or that they are not. */
export async function identityWhy(
  context: CommandContext,
  [first, second]: readonly [string, string],
  flags: IdentityFlags & UnmaskFlags,
): Promise<Answer> {
  const entity = stitchedEntity(await context.project(), flags.entity)
  const run = await openRun(context)
  const inspect = await import('../../inspect/identity-why.ts')
  const why = await inspect.identityWhy(run, entity, { first, second, unmask: flags.unmask === true })
  return {
    json: {
      entity: why.entity,
      same: why.same,
      entities: (why.same ? why.entities.slice(0, 1) : why.entities).map((one) => ({ ...one })),
      path: why.path.flatMap(stepJson),
      candidates: why.candidates.map(({ rule, score }) => ({ rule, score })),
      refused: why.refused.map(({ identifier, shown, reason }) => ({ identifier, value: shown, reason })),
    },
    text: (style) => (why.same ? sameText(why, style) : differentText(why, style)),
  }
}

function stepJson({ record, by }: PathStep): readonly Json[] {
  const { source, recordId, rows } = record
  const shown = { kind: 'record', source, record_id: recordId, rows }
  if (by === undefined) return [shown]
  const link =
    by.score === undefined
      ? { kind: 'identifier', identifier: by.type, value: by.shown }
      : { kind: 'candidate', rule: by.type, score: by.score }
  return [link, shown]
}

function sameText(why: IdentityWhy, style: Style): string {
  const [one] = why.entities
  const links = why.path.length - 1
  // What a rule of candidates found alike is no identifier.
  const word = why.path.some(({ by }) => by?.score !== undefined) ? 'link' : 'shared identifier'
  const way = links === 0 ? 'the same record' : `${plural(links, word)} apart`
  return [
    `${style('green', 'one')} ${why.entity}, ${plain(one.id)} (${plural(one.records, 'record')}): ${way}`,
    '',
    ...why.path.flatMap((step) => stepLines(step, style)),
  ].join('\n')
}

function stepLines({ record, by }: PathStep, style: Style): readonly string[] {
  const more =
    record.rows > 1 ? style('dim', `  and ${count(record.rows - 1)} more with the same identifiers`) : ''
  return [
    ...(by === undefined ? [] : [`  ${style('dim', '|')} ${by.type} ${plain(by.shown)}`]),
    `${record.source}:${plain(record.recordId)}${more}`,
  ]
}

function differentText(why: IdentityWhy, style: Style): string {
  const line = ({ id, records }: EntitySize) => `  ${plain(id)}  ${plural(records, 'record')}`
  return [
    `${style('yellow', 'not the same')} ${why.entity}: no shared identifiers join them`,
    ...why.entities.map(line),
    ...why.refused.map(
      ({ identifier, shown, reason }) => `  both ${identifier} ${plain(shown)}: refused, ${reason}`,
    ),
    ...why.candidates.map(({ rule, shown }) => `  look alike by ${rule}: ${shown}, not linked`),
  ].join('\n')
}
