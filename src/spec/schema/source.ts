import * as z from 'zod'
import {
  boolean,
  columnName,
  columns,
  definitionShape,
  envText,
  expecting,
  nameOf,
  nameText,
  pii,
  purposes,
  sql,
  text,
} from './common.ts'
import { object } from './object.ts'

export type RawSource = z.input<typeof source>

const columnFacts = object({
  pii: pii.optional().meta({ description: 'The kind of personal data, or none.' }),
  purposes: purposes.optional(),
})

export const source = object(
  {
    name: nameText.meta({ description: 'By which the project calls it.' }),
    table: envText.optional().meta({ description: 'A table or view, as schema.table.' }),
    query: sql.optional().meta({ description: 'A select; {name} is another source.' }),
    file: envText
      .optional()
      .meta({ description: 'A csv, parquet, json or ndjson file, relative to sluice.yml (DuckDB).' }),
    dbt: text.optional().meta({ description: 'A model, seed or snapshot of the dbt project.' }),
    primary_key: columns.meta({ description: 'A column, or a list of columns.' }),
    updated_at: columnName.optional().meta({ description: 'Which version of a value is newer.' }),
    occurred_at: columnName
      .optional()
      .meta({ description: 'When the row happened: makes it an event source.' }),
    belongs_to: z
      .record(nameOf('sources'), columns)
      .optional()
      .meta({ description: 'Many-to-one: parent source -> the columns that hold its primary key.' }),
    columns: z
      .record(columnName, columnFacts)
      .optional()
      .meta({ description: 'What Sluice should know of a column.' }),
    types: z
      .record(columnName, text)
      .optional()
      .meta({ description: "Types of a file's columns, such as decimal(10,2)." }),
    detect_removals: boolean
      .optional()
      .meta({ description: 'Look for removed rows of an event source too.', default: false }),
    tests: z.array(z.unknown(), expecting('list')).optional().meta({ description: 'Tests of its rows.' }),
    ...definitionShape,
  },
  { one: [{ keys: ['table', 'query', 'file', 'dbt'] }], needs: { types: ['file'] } },
)
