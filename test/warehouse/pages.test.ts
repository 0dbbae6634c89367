import assert from 'node:assert/strict'
import { test } from 'node:test'
import { forEachOf } from '../support/dialects.ts'

/** Of the texts of one page, in which rows are held: about a megabyte, and what one row more may be. */
const LARGEST_PAGE = 2_000_000

forEachOf(['postgres', 'redshift'], (name, open) => {
  test(`${name}: however large its rows are, a result is never in memory but for a page of it`, async (context) => {
    const warehouse = await open(context)
    for (const { length, count } of [
      { length: 1000, count: 20_000 },
      { length: 100_000, count: 200 },
    ]) {
      const sql = `with recursive r(i) as (select 1 union all select i + 1 from r where i < ${count})
        select repeat('x', ${length}) as body from r`
      let [rows, largest] = [0, 0]
      for await (const page of warehouse.stream({ step: 'test', sql })) {
        rows += page.length
        largest = Math.max(largest, page.length * length)
      }
      assert.equal(rows, count)
      // Before anything is known of the rows, the first page has a fixed number of them.
      assert.ok(largest <= Math.max(LARGEST_PAGE, 64 * length), `${largest} characters in a page`)
    }
  })
})
