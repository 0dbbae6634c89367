import * as z from 'zod'
import { isTimezone } from '../forms/timezone.ts'
import { definitionShape, envText, expecting, nameOf, nameText, pastWindow } from './common.ts'
import { condition } from './condition.ts'
import { destination } from './destination.ts'
import { entity } from './entity.ts'
import { object } from './object.ts'
import { source } from './source.ts'
import { sync } from './sync.ts'
import { target } from './target.ts'
import { trait } from './trait.ts'

const segment = object({
  name: nameText.meta({ description: 'Names its table, segment_<name>.' }),
  entity: nameOf('entities').meta({ description: 'Of which entity its members are.' }),
  where: condition.meta({ description: 'Who is a member.' }),
  ...definitionShape,
})

export type RawSegment = z.input<typeof segment>
export type RawProject = z.input<typeof projectFile>

/** Every file of a project. Which keys belong to sluice.yml only, and that it has them, is judged outside. */
export const projectFile = object({
  version: z.literal(1, expecting('version')).optional().meta({ description: 'Of the project format.' }),
  name: nameText.optional().meta({ description: 'Of the project; stored in the state schema.' }),
  default_target: nameOf('targets').optional().meta({ description: 'The target when none is named.' }),
  timezone: z
    .string(expecting('timezone'))
    .refine(isTimezone, expecting('timezone'))
    .optional()
    .meta({ description: 'IANA name; rules calendar steps and cron times.', default: 'UTC' }),
  history: pastWindow.optional().meta({
    description: 'How long the ledger remembers runs that nothing needs any more.',
    default: '90 days',
  }),
  dbt_project: envText.optional().meta({
    description: 'The folder of the dbt project, or its manifest.json.',
    default: 'the nearest folder above with a dbt_project.yml',
  }),
  targets: z.record(nameText, target).optional().meta({ description: 'Named warehouse connections.' }),
  sources: z
    .array(source, expecting('list'))
    .optional()
    .meta({ description: 'Tables, views, queries, files.' }),
  entities: z.array(entity, expecting('list')).optional().meta({ description: 'What profiles are about.' }),
  traits: z.array(trait, expecting('list')).optional().meta({ description: 'Computed values of an entity.' }),
  segments: z.array(segment, expecting('list')).optional().meta({ description: 'Sets of entities.' }),
  destinations: z.array(destination, expecting('list')).optional().meta({ description: 'Accounts of APIs.' }),
  syncs: z.array(sync, expecting('list')).optional().meta({ description: 'What is sent where.' }),
})
