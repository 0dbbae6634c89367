/** Pieces of a list that fit into one statement: warehouses limit the values that are bound to one. */
export function inChunks<T>(items: readonly T[]): readonly (readonly T[])[] {
  const count = Math.ceil(items.length / CHUNK_ROWS)
  return Array.from({ length: count }, (_, index) =>
    items.slice(index * CHUNK_ROWS, (index + 1) * CHUNK_ROWS),
  )
}

const CHUNK_ROWS = 1000
