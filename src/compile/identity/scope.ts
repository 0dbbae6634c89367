import type { TableName } from '../../dialect/dialect.ts'
import { type Fragment, fixedText, lit, sql } from '../../dialect/fragment.ts'
import type { Entity } from '../../spec/project.ts'
import type { CompileContext } from '../context.ts'
import { tableOf } from '../sources/relation.ts'
import type { Step } from '../step.ts'
import { temporaryName } from '../temporary.ts'

/** Names of one entity's identity steps and of the tables between them. */
export interface IdentityScope {
  readonly context: CompileContext
  readonly entity: Entity
  /** A table between steps. */
  temporary(short: string): TableName
  /** `<entity>_<kind>`, where this run writes it. */
  output(kind: OutputKind): TableName
  published(kind: OutputKind): TableName
  /** Where the ignored values are read, to stand after `from`; default: the temporary table `ignored`. */
  readonly ignored?: Fragment | undefined
  /** Stands before the names of steps, where several steps would have one; default: nothing. */
  readonly stepPrefix?: string
}

/** Each is a table of the state schema, `<entity>_<kind>`. */
export const OUTPUT_KINDS = [
  'identity',
  'merges',
  'splits',
  'refused',
  'nodes',
  'node_ids',
  'node_rows',
  'stitch',
] as const

export type OutputKind = (typeof OUTPUT_KINDS)[number] | 'candidates'

export function identityScope(context: CompileContext, entity: Entity, stepPrefix?: string): IdentityScope {
  return {
    stepPrefix: stepPrefix ?? '',
    context,
    entity,
    temporary: (short) => context.tables.temporary(temporaryName('id', entity.name, short)),
    output: (kind) => context.tables.output(`${entity.name}_${kind}`),
    published: (kind) => context.tables.published(`${entity.name}_${kind}`),
  }
}

export interface StepParts {
  /** After `identity.<entity>.`. */
  readonly name: string
  readonly summary: string
  readonly grain: string
  /** Undefined: the step is a question. */
  readonly creates: TableName | undefined
}

export function identityStep(scope: IdentityScope, parts: StepParts, query: Fragment): Step {
  return { ...parts, name: `identity.${scope.entity.name}.${scope.stepPrefix ?? ''}${parts.name}`, query }
}

/** A step whose SQL is `sql/identity/<file>.sql`. Tables are given by their names. */
export function fileStep(
  scope: IdentityScope,
  parts: StepParts,
  file: string,
  values: Readonly<Record<string, Fragment | TableName>>,
): Step {
  const { templates } = scope.context
  const path = `identity/${file}.sql`
  const placeholders = Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, 'parts' in value ? value : tableOf(value)]),
  )
  return { ...identityStep(scope, parts, templates.fill(path, placeholders)), file: templates.fileOf(path) }
}

/** A text of ours that engines must take as text, also where nothing else says its type. */
export function textLiteral(context: CompileContext, value: string): Fragment {
  return context.dialect.fn.asText(lit(value))
}

export function nullHash(context: CompileContext): Fragment {
  return sql`cast(null as ${fixedText(context.dialect.types.hash64)})`
}
