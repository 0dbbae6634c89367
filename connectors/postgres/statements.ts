/** A statement with its parameters. */
export interface Statement {
  readonly text: string
  readonly values: readonly string[]
}

/** By its exact name. */
export interface Table {
  readonly schema: string
  readonly name: string
}

/**
 * Rows come as one JSON array, which the server reads as rows of the table: each value takes the type of its column as a
 * text of it would, and no number passes through a type of ours.
 */
export function insertStatement(
  table: Table,
  columns: {
    readonly keys: readonly string[]
    readonly fields: readonly string[]
    readonly set: readonly string[]
  },
  documents: string,
): Statement {
  const all = [...columns.keys, ...columns.fields]
  const set = columns.set.map((name) => `${id(name)} = excluded.${id(name)}`)
  const otherwise = set.length === 0 ? 'nothing' : `update set ${set.join(', ')}`
  return {
    text: `insert into ${nameOf(table)} (${all.map(id).join(', ')})
select ${all.map((name) => `r.${id(name)}`).join(', ')}
${rowsOf(table)}
order by e.n
on conflict (${columns.keys.map(id).join(', ')}) do ${otherwise}`,
    values: [documents],
  }
}

/** Gives the places, from 1, of the rows that were there. */
export function updateStatement(
  table: Table,
  { keys, fields }: { readonly keys: readonly string[]; readonly fields: readonly string[] },
  documents: string,
): Statement {
  // Without fields only whether it is there is asked.
  const set = fields.length === 0 ? keys : fields
  return {
    text: `update ${nameOf(table)} as t
set ${set.map((name) => `${id(name)} = s.${columnOf(name, keys, fields)}`).join(', ')}
from (
  select e.n${keys.map((name, at) => `, r.${id(name)} as k${at}`).join('')}${fields.map((name, at) => `, r.${id(name)} as f${at}`).join('')}
  ${rowsOf(table)}
) as s
where ${sameKey(keys)}
returning s.n`,
    values: [documents],
  }
}

export function deleteStatement(table: Table, keys: readonly string[], documents: string): Statement {
  return {
    text: `delete from ${nameOf(table)} as t
using (
  select ${keys.map((name, at) => `r.${id(name)} as k${at}`).join(', ')}
  ${rowsOf(table)}
) as s
where ${sameKey(keys)}`,
    values: [documents],
  }
}

function rowsOf(table: Table): string {
  return `from json_array_elements($1::json) with ordinality as e(document, n)
cross join lateral json_populate_record(null::${nameOf(table)}, e.document) as r`
}

function columnOf(name: string, keys: readonly string[], fields: readonly string[]): string {
  const at = fields.indexOf(name)
  return at >= 0 ? `f${at}` : `k${keys.indexOf(name)}`
}

function sameKey(keys: readonly string[]): string {
  return keys.map((name, at) => `t.${id(name)} = s.k${at}`).join(' and ')
}

function nameOf({ schema, name }: Table): string {
  return `${id(schema)}.${id(name)}`
}

/** Exactly this name, whatever is in it. */
function id(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
