/** Whether a decimal has, as text, the zeros of its scale; on BigQuery it has none. */
export function keepsScale(dialect: string): boolean {
  return dialect !== 'bigquery'
}

/**
 * Of conditions by number: those that compare with the text of a decimal that ends in a zero (`"10.50"`), and those that
 * name one of them as a segment.
 */
export function onScale(conditions: readonly unknown[]): ReadonlySet<number> {
  const found = new Set<number>()
  for (const [index, condition] of conditions.entries()) {
    const text = JSON.stringify(condition)
    const named = [...text.matchAll(/"segment":"s(\d+)"/g)].some(([, number]) => found.has(Number(number)))
    if (named || /"-?\d+\.\d*0"/.test(text)) found.add(index)
  }
  return found
}
