import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { cyclesOf, pathText } from './cycles.ts'
import { nodesOf } from './nodes.ts'

const AT = { file: 'a.yml', line: 1, column: 1 }

type Arrows = Readonly<Record<string, readonly string[]>>

function cyclesIn(arrows: Arrows): readonly string[] {
  const edgesOf = (id: string) => (arrows[id] ?? []).map((to) => ({ to, at: () => AT }))
  return cyclesOf(Object.keys(arrows), edgesOf).map((cycle) => cycle.path.join(' '))
}

test('a cycle is told once, with its way', () => {
  assert.deepEqual(cyclesIn({ a: ['b'], b: ['c'], c: ['a', 'b'], d: ['a'] }), ['a b c a'])
  assert.deepEqual(cyclesIn({ a: ['a'], b: ['b', 'c'], c: [] }), ['a a', 'b b'])
  assert.deepEqual(cyclesIn({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }), [])
  assert.deepEqual(cyclesIn({ a: ['nothing'] }), [])
})

const arrows: fc.Arbitrary<Arrows> = fc
  .array(fc.uniqueArray(fc.nat(7), { maxLength: 3 }), { minLength: 8, maxLength: 8 })
  .map((lists) => Object.fromEntries(lists.map((list, index) => [`n${index}`, list.map((to) => `n${to}`)])))

/** Whether some way leads from a node to itself. */
function hasCycle(all: Arrows): boolean {
  return Object.keys(all).some((start) => {
    const seen = new Set(all[start])
    for (const id of seen) for (const to of all[id] ?? []) seen.add(to)
    return seen.has(start)
  })
}

test('cycles are found exactly where there are some, and each is one', () => {
  fc.assert(
    fc.property(arrows, (all) => {
      const found = cyclesIn(all)
      assert.equal(found.length > 0, hasCycle(all))
      for (const path of found.map((text) => text.split(' '))) {
        assert.equal(path[0], path.at(-1))
        for (const [index, id] of path.slice(1).entries()) assert.ok(all[path[index] ?? '']?.includes(id))
      }
    }),
  )
})

test('nodes come after all they need, in whatever order they are given', () => {
  const acyclic = arrows.filter((all) => !hasCycle(all))
  fc.assert(
    fc.property(acyclic, (all) => {
      const parts = Object.entries(all).map(([name, needs]) => ({
        ...({ kind: 'segment', name, tags: [], meaning: name } as const),
        needs: needs.map((need) => `segment:${need}`),
      }))
      const nodes = nodesOf(parts)
      assert.equal(nodes.size, parts.length)
      const order = [...nodes.keys()]
      for (const { id, needs } of nodes.values())
        for (const need of needs) assert.ok(order.indexOf(need) < order.indexOf(id))
      const backwards = nodesOf(parts.toReversed())
      for (const [id, node] of nodes) assert.equal(backwards.get(id)?.fingerprint, node.fingerprint)
    }),
  )
})

test('a chain may be longer than the stack', () => {
  const length = 50_000
  const names = Array.from({ length }, (_, n) => `n${n}`)
  const chain = (n: number) => (n === 0 ? [] : [`n${n - 1}`])
  assert.deepEqual(
    cyclesIn(Object.fromEntries(names.toReversed().map((name, n) => [name, chain(length - 1 - n)]))),
    [],
  )
  const parts = names.toReversed().map((name, n) => ({
    ...({ kind: 'segment', name, tags: [], meaning: undefined } as const),
    needs: chain(length - 1 - n).map((need) => `segment:${need}`),
  }))
  assert.deepEqual([...nodesOf(parts).keys()].slice(0, 2), ['segment:n0', 'segment:n1'])
})

test('of a long way the middle is left out', () => {
  assert.equal(pathText(['a', 'b', 'a']), 'a -> b -> a')
  const long = Array.from({ length: 30 }, (_, n) => `n${n}`)
  assert.equal(
    pathText(long),
    'n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> (18 more) -> n24 -> n25 -> n26 -> n27 -> n28 -> n29',
  )
})
