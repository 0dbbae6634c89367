import { SluiceError } from '../../base/errors.ts'
import type { ExplainedNode } from '../../inspect/explain.ts'
import type { SqlValue } from '../../warehouse/warehouse.ts'
import type { Answer, Json } from '../answer.ts'
import type { UnmaskFlags } from '../command-flags.ts'
import type { CommandContext } from '../context.ts'
import { plain } from '../render/plain.ts'
import type { Style } from '../render/style.ts'
import { openRun } from '../run-context.ts'

/** Why one entity is in a segment or not: `explain email=ada@example.com in buyers`. */
export async function explain(
  context: CommandContext,
  words: readonly (string | undefined)[],
  flags: UnmaskFlags,
): Promise<Answer> {
  const { entity, segment } = questionOf(words)
  const run = await openRun(context)
  const inspect = await import('../../inspect/explain.ts')
  const found = await inspect.explain(run, { entity, segment, unmask: flags.unmask === true })
  return {
    json: {
      segment,
      entity: found.entity,
      id: found.id ?? null,
      as_of: run.asOf,
      holds: found.holds,
      tree: treeJson(found.tree),
    },
    text: (style) => {
      const who = `${found.entity}${found.id === undefined ? '' : ` ${plain(found.id)}`}`
      const verdict = found.holds ? style('green', 'is in') : style('red', 'is not in')
      return [
        `${who} ${verdict} ${style('bold', segment)}, as of ${run.asOf}`,
        '',
        ...treeLines(found.tree, '', style),
      ].join('\n')
    },
  }
}

/** Nothing of the value is in the errors: it is a person's. */
function questionOf([key = '', word, segment]: readonly (string | undefined)[]) {
  const equals = key.indexOf('=')
  if (equals > 0 && equals < key.length - 1 && word === 'in' && segment !== undefined)
    return { entity: { key: key.slice(0, equals), value: key.slice(equals + 1) }, segment }
  throw new SluiceError('SLU7001', {
    message:
      word === 'in'
        ? 'expected KEY=VALUE before "in", found no key or no value'
        : 'expected KEY=VALUE in SEGMENT, found no "in" between them',
    hint: 'sluice explain email=ada@example.com in lapsing_vips',
  })
}

function treeJson(node: ExplainedNode): Json {
  return {
    kind: node.kind,
    text: node.text,
    holds: node.holds ?? null,
    values: Object.fromEntries(node.values.map(({ name, value }) => [name, value])),
    ...(node.window === undefined ? {} : { window: { ...node.window } }),
    ...(node.of.length === 0 ? {} : { of: node.of.map(treeJson) }),
  }
}

/** ASCII only, so that it reads the same in every terminal, log and ticket. */
function treeLines(node: ExplainedNode, indent: string, style: Style): readonly string[] {
  const times =
    node.window === undefined ? '' : style('dim', ` from ${node.window.from} to ${node.window.to}`)
  const values = node.values.map(({ name, value }) => `${plain(name)} ${shown(value)}`)
  const found = values.length === 0 ? '' : style('dim', `  (${values.join(', ')})`)
  return [
    `${indent}${mark(node.holds, style)} ${plain(node.text)}${times}${found}`,
    ...node.of.flatMap((one) => treeLines(one, `${indent}    `, style)),
  ]
}

function mark(holds: boolean | undefined, style: Style): string {
  if (holds === undefined) return style('dim', '[-]')
  return holds ? style('green', '[x]') : style('red', '[ ]')
}

function shown(value: SqlValue): string {
  return value === null ? 'is missing' : `= ${plain(String(value))}`
}
