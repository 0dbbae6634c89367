import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { SluiceError } from '../base/errors.ts'
import type { ParsedProject, ProjectText } from './join-files.ts'
import { parseProject } from './parse-project.ts'
import type { Project } from './project.ts'

const MAIN: ProjectText = { path: 'sluice.yml', text: 'version: 1\nname: shop\n' }

function parse(...texts: readonly string[]): ParsedProject {
  return parseProject('/project', [MAIN, ...texts.map((text, index) => ({ path: `${index}.yml`, text }))])
}

function parsed(...texts: readonly string[]): Project {
  const { project, errors } = parse(...texts)
  assert.deepEqual(
    errors.map((error) => error.message),
    [],
  )
  assert.ok(project)
  return project
}

const codes = ({ errors }: ParsedProject) => errors.map((error) => error.code)

describe('files', () => {
  const a = { path: 'a.yml', text: 'segments: [{name: a, entity: customer, where: {all: []}}]' }
  const b = { path: 'b/c.yml', text: 'segments: [{name: b, entity: customer, where: {all: []}}]' }

  test('all files are one project, whatever their order', () => {
    const one = parseProject('/project', [a, MAIN, b]).project
    const other = parseProject('/project', [b, a, MAIN]).project
    assert.deepEqual(one, other)
    assert.deepEqual([...(one?.segments.keys() ?? [])], ['a', 'b'])
    assert.deepEqual([...(one?.texts.keys() ?? [])], ['a.yml', 'b/c.yml', 'sluice.yml'])
    assert.equal(one?.directory, '/project')
  })

  test('errors come by file and line, whatever the order', () => {
    const broken = [{ path: 'z.yml', text: 'x: 1\ny: 2' }, { path: 'c.yml', text: '\n\nx: 1' }, MAIN]
    const places = parseProject('/project', broken).errors.map(({ at }) => `${at?.file}:${at?.line}`)
    assert.deepEqual(places, ['c.yml:3', 'z.yml:1', 'z.yml:2'])
  })

  test('a file with nothing but comments says nothing', () => {
    parsed('', '# later', '---\n', '# a\n---\n# b\n')
  })

  test('a mark for the byte order and the line breaks of Windows change nothing', () => {
    const mark = String.fromCharCode(0xfeff)
    const { errors } = parseProject('/project', [
      { path: 'sluice.yml', text: `${mark}version: 1\r\nname: Shop\r\n` },
    ])
    assert.deepEqual(
      errors.map(({ at }) => [at?.line, at?.column, at?.endColumn]),
      [[2, 7, 11]],
    )
  })

  test('shared parts stand under x- keys, and keep the place where they are written', () => {
    const project = parsed(
      'x-paying: &paying {trait: spend, gt: 0}\nsegments:\n- {name: a, entity: c, where: *paying}\n- {name: b, entity: c, where: {not: *paying}}',
    )
    assert.equal(project.segments.get('a')?.where.at.line, 1)
    const not = project.segments.get('b')?.where
    assert.deepEqual(not?.kind === 'not' && not.of.at.line, 1)
  })
})

describe('limits', () => {
  test('a file of more than 2 MB is not read', () => {
    const { errors } = parse(`# ${'x'.repeat(2 * 1024 * 1024)}`)
    assert.deepEqual(
      errors.map(({ code, at }) => [code, at?.file]),
      [['SLU1010', '0.yml']],
    )
  })

  test('the limit counts bytes, not characters', () => {
    assert.deepEqual(codes(parse(`# ${'é'.repeat(1024 * 1024)}`)), ['SLU1010'])
  })

  test('a project of more than 20 MB is not read', () => {
    const file = `# ${'x'.repeat(2 * 1024 * 1024 - 10)}`
    assert.deepEqual(codes(parse(...Array.from({ length: 11 }, () => file))), ['SLU1010'])
  })

  test('64 levels are read, 65 are one error', () => {
    const nested = (levels: number) => `x-a: ${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}`
    assert.deepEqual(codes(parse(nested(64))), [])
    assert.deepEqual(codes(parse(nested(65))), ['SLU1010'])
    const conditions = (levels: number) => `${'{not: '.repeat(levels)}{all: []}${'}'.repeat(levels)}`
    assert.deepEqual(codes(parse(`segments: [{name: a, entity: b, where: ${conditions(59)}}]`)), [])
    assert.deepEqual(codes(parse(`segments: [{name: a, entity: b, where: ${conditions(60)}}]`)), ['SLU1010'])
  })

  test('text without end is refused with little work', () => {
    const size = 2 * 1024 * 1024 - 100
    const full = (piece: string) => piece.repeat(Math.floor(size / piece.length))
    const pieces = [
      '[',
      '{',
      '{a: ',
      '- ',
      '? ',
      ': ',
      '! ',
      '&a ',
      '- 1\n',
      '%a\n',
      '---\n',
      '- {}\n',
      'a\n',
      '[],',
    ]
    for (const piece of pieces) {
      const start = process.cpuUsage()
      const { errors } = parse(full(piece))
      const { user, system } = process.cpuUsage(start)
      assert.ok(errors.length >= 1 && errors.length <= 2000, piece)
      assert.ok((user + system) / 1e6 < 3, `${JSON.stringify(piece)}: ${(user + system) / 1e6} s`)
    }
  })

  test('an alias bomb is one error', () => {
    const levels = Array.from(
      { length: 20 },
      (_, at) => `x-${at + 1}: &a${at + 1} [${`*a${at}, `.repeat(9)}]`,
    )
    assert.deepEqual(codes(parse(`x-0: &a0 [1]\n${levels.join('\n')}`)), ['SLU1010'])
  })

  test('keys of the prototype reach no object', () => {
    const result = parse('sources: [{name: a, table: t, primary_key: id, meta: {__proto__: {polluted: 1}}}]')
    assert.deepEqual(codes(result), ['SLU1014'])
    assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
  })
})

describe('values', () => {
  test('texts that YAML 1.1 would turn into something else stay texts', () => {
    const list = '[NO, yes, 1:30, 2026-01-01, 0x1g, "1"]'
    const where = parsed(`segments: [{name: a, entity: b, where: {trait: c, in: ${list}}}]`).segments.get(
      'a',
    )?.where
    assert.deepEqual(where?.kind === 'trait' && where.test, {
      op: 'in',
      values: ['NO', 'yes', '1:30', '2026-01-01', '0x1g', '1'],
    })
  })

  test('a number with a leading zero is read, with a warning', () => {
    const { errors, warnings } = parse('segments:\n  - {name: a, entity: b, where: {trait: c, eq: 0777}}')
    assert.deepEqual(errors, [])
    assert.deepEqual(
      warnings.map(({ code, at, hint }) => [code, at?.line, at?.column, hint]),
      [['SLU1101', 2, 48, 'put it in quotes when it is a code: "0777"']],
    )
  })

  test('numbers that no comparison can use are errors', () => {
    for (const value of ['.nan', '.inf', '-.inf'])
      assert.equal(
        parse(`segments: [{name: a, entity: b, where: {trait: c, eq: ${value}}}]`).errors.length,
        1,
        value,
      )
  })

  test('every operator is read', () => {
    const tests = {
      'eq: a': { op: 'eq', value: 'a' },
      'ne: 1': { op: 'ne', value: 1 },
      'gte: 1.5': { op: 'gte', value: 1.5 },
      'lt: 2026-01-01': { op: 'lt', value: '2026-01-01' },
      'not_in: [1, 2]': { op: 'not_in', values: [1, 2] },
      'between: [1, 1]': { op: 'between', low: 1, high: 1 },
      'contains: "@"': { op: 'contains', text: '@' },
      'matches: "(?i)^a"': { op: 'matches', text: '(?i)^a' },
      'is_null: false': { op: 'is_null', value: false },
      'before: 2026-01-01': { op: 'before', time: '2026-01-01' },
      'after: 2026-01-01T08:00:00Z': { op: 'after', time: '2026-01-01T08:00:00Z' },
    }
    for (const [text, test] of Object.entries(tests)) {
      const where = parsed(`segments: [{name: a, entity: b, where: {trait: c, ${text}}}]`).segments.get(
        'a',
      )?.where
      assert.deepEqual(where?.kind === 'trait' && where.test, test, text)
    }
  })

  test('a test of a time may look ahead', () => {
    const text = 'segments:\n- {name: a, entity: b, where: {trait: c, within: next 30 days}}'
    const where = parsed(text).segments.get('a')?.where
    const at = { file: '0.yml', line: 2, column: 50, endColumn: 62 }
    assert.deepEqual(where?.kind === 'trait' && where.test, {
      op: 'within',
      window: { at, amount: 30, unit: 'days', next: true },
    })
  })

  test('ranks, sequences and sums are read', () => {
    const conditions = [
      '{top: spend, percent: 10}',
      '{bottom: spend, count: 5}',
      '{sequence: [{event: a}, {no_event: b}, {event: c, within: 7 days, where: {column: d, eq: 1}}], same: session}',
      '{event: a, sum: {column: total, gte: 100}, between: [2026-01-01, 2026-02-01], via: [b]}',
      '{sql: {duckdb: "a", default: "b"}}',
    ]
    const where = parsed(
      `segments: [{name: a, entity: b, where: {all: [${conditions.join(', ')}]}}]`,
    ).segments.get('a')?.where
    assert.ok(where?.kind === 'all')
    const [top, bottom, sequence, event, sql] = where.of
    assert.deepEqual(top?.kind === 'rank' && [top.end, top.by, top.size], [
      'top',
      'spend',
      { kind: 'percent', value: 10 },
    ])
    assert.deepEqual(bottom?.kind === 'rank' && [bottom.end, bottom.size], [
      'bottom',
      { kind: 'count', value: 5 },
    ])
    assert.ok(sequence?.kind === 'sequence')
    assert.deepEqual(
      sequence.steps.map(({ kind, source, within }) => [kind, source.value, within?.amount]),
      [
        ['event', 'a', undefined],
        ['no_event', 'b', undefined],
        ['event', 'c', 7],
      ],
    )
    assert.equal(sequence.same?.value, 'session')
    assert.ok(event?.kind === 'event')
    assert.deepEqual(
      [event.measure.kind, event.measure.column?.value, event.measure.test],
      ['sum', 'total', { op: 'gte', value: 100 }],
    )
    assert.deepEqual(
      [event.between, event.via?.map(({ value }) => value)],
      [['2026-01-01', '2026-02-01'], ['b']],
    )
    assert.deepEqual(sql?.kind === 'sql' && [sql.sql.default?.value, sql.sql.byTarget.get('duckdb')?.value], [
      'b',
      'a',
    ])
  })

  test('identifiers are columns, composites, several values of one type, or SQL', () => {
    const text =
      'entities: [{name: c, identity: {from: [{source: s, ids: {a: x, b: [x, y], d: {any: [x, [y, z], {sql: "lower(w)"}]}, e: {sql: "trim(v)"}}}]}}]'
    const ids = parsed(text).entities.get('c')?.identity?.from[0]?.ids
    assert.deepEqual(
      ids?.map(({ value }) => value.kind),
      ['column', 'composite', 'any', 'sql'],
    )
    const any = ids?.[2]?.value
    assert.deepEqual(any?.kind === 'any' && any.values.map(({ kind }) => kind), [
      'column',
      'composite',
      'sql',
    ])
  })

  test('each half of "to" has its own place, with and without quotes', () => {
    const sync = (to: string) => `syncs:\n- {name: a, segment: b, to: ${to}, match: {c: d}}`
    for (const [to, column] of [
      ['crm.contacts', 29],
      ['"crm.contacts"', 30],
    ] as const) {
      const { destination, object } = parsed(sync(to)).syncs.get('a')?.to ?? {}
      assert.deepEqual(
        [destination?.value, destination?.at.column, destination?.at.endColumn],
        ['crm', column, column + 3],
      )
      assert.deepEqual(
        [object?.value, object?.at.column, object?.at.endColumn],
        ['contacts', column + 4, column + 12],
      )
    }
  })

  test('keys that every kind takes are read in every kind', () => {
    const common = 'description: d, owner: o, tags: [t], meta: {a: {b: 1}}, enabled: false'
    const project = parsed(
      `sources: [{name: s, table: t, primary_key: id, ${common}}]`,
      `entities: [{name: e, source: s, key: id, ${common}}]`,
      `traits: [{name: t, entity: e, count: s, ${common}}]`,
      `segments: [{name: g, entity: e, where: {all: []}, ${common}}]`,
      `destinations: [{name: d, connector: http, ${common}}]`,
      `syncs: [{name: y, segment: g, to: d.rows, match: {id: e_id}, ${common}}]`,
    )
    const { sources, entities, traits, segments, destinations, syncs } = project
    const all = [
      ...sources.values(),
      ...entities.values(),
      ...traits,
      ...segments.values(),
      ...destinations.values(),
    ]
    for (const { description, owner, tags, meta, enabled } of [...all, ...syncs.values()])
      assert.deepEqual([description, owner, tags, meta, enabled], ['d', 'o', ['t'], { a: { b: 1 } }, false])
  })

  test('limits are shares or rows, durations are milliseconds', () => {
    const sync = parsed(
      'syncs: [{name: a, source: b, to: c.d, match: {e: f}, guard: {max_remove: 0.5%, max_held: 10, min_rows: 0}, resume_within: 30 s, async_wait: 2h}]',
    ).syncs.get('a')
    assert.deepEqual(sync?.guard.maxRemove, { kind: 'percent', value: 0.5 })
    assert.deepEqual(sync?.guard.maxHeld, { kind: 'rows', value: 10 })
    assert.deepEqual([sync?.guard.minRows, sync?.resumeWithinMs, sync?.asyncWaitMs], [0, 30_000, 7_200_000])
  })

  test('the limits of a destination are requests a second, parts of one too, and requests at once', () => {
    const { destinations } = parsed(
      'destinations: [{name: a, connector: http, limits: {requests_per_second: 0.5, in_flight: 2}}, {name: b, connector: http}]',
    )
    assert.deepEqual(destinations.get('a')?.limits, { requestsPerSecond: 0.5, inFlight: 2 })
    assert.equal(destinations.get('b')?.limits, undefined)
  })
})

describe('any text', () => {
  const check = (files: readonly ProjectText[]) => {
    const { project, errors } = parseProject('/project', files)
    assert.equal(project === undefined, errors.length > 0)
    for (const error of errors) {
      assert.ok(error instanceof SluiceError)
      assert.equal(error.kind, 'project', error.message)
      if (error.at === undefined) continue
      const { file, line, column, endColumn } = error.at
      const text = files.find(({ path }) => path === file)?.text ?? ''
      assert.ok(line >= 1 && line <= text.split('\n').length, `${file}:${line}`)
      assert.ok(column >= 1 && (endColumn ?? column + 1) > column, `${line}:${column}-${endColumn}`)
    }
  }

  test('gives a project or errors with places, never a crash', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), fc.string({ maxLength: 200 }), (a, b) => {
        check([
          { path: 'sluice.yml', text: a },
          { path: 'a.yml', text: b },
        ])
      }),
      { numRuns: 500 },
    )
  })

  test('nor does text that looks like a project', () => {
    const word = fc.constantFrom(
      ...[
        'segments:',
        'name: a',
        'where:',
        'all:',
        '- ',
        '  ',
        '\n',
        '{',
        '}',
        '[',
        ']',
        ': ',
        ', ',
        'trait: b',
        'eq: 1',
      ],
      ...[
        '&a ',
        '*a',
        '<<: *a',
        '!x ',
        '|',
        '>',
        '"',
        "'",
        '#',
        'syncs:',
        'match: {a: b}',
        'to: c.d',
        'null',
        '__proto__: 1',
      ],
      ...[
        'sequence:',
        'event: a',
        'sources:',
        'entities:',
        'identity:',
        'ids: {a: b}',
        'targets:',
        'type: duckdb',
        '? ',
        '---\n',
      ],
    )
    fc.assert(
      fc.property(fc.array(word, { maxLength: 40 }), (words) => {
        check([MAIN, { path: 'a.yml', text: words.join('') }])
      }),
      { numRuns: 2000 },
    )
  })

  test('nor does a project with any value at any place', () => {
    const value = fc.jsonValue({ maxDepth: 3 })
    const keys = [
      'name',
      'entity',
      'where',
      'all',
      'not',
      'trait',
      'eq',
      'in',
      'event',
      'count',
      'sequence',
      'when',
      'case',
      'sql',
    ]
    const mapping = fc.dictionary(
      fc.constantFrom(...keys, 'identity', 'from', 'ids', 'any', 'to', 'match', 'profile'),
      value,
    )
    const kind = fc.constantFrom(
      'sources',
      'entities',
      'traits',
      'segments',
      'destinations',
      'syncs',
      'targets',
    )
    fc.assert(
      fc.property(kind, fc.array(fc.oneof(value, mapping), { maxLength: 3 }), (key, list) => {
        check([MAIN, { path: 'a.yml', text: JSON.stringify({ [key]: list }) }])
      }),
      { numRuns: 2000 },
    )
  })
})

test('a thousand segments and a thousand syncs take at most a second and a half of work', () => {
  const segments = Array.from({ length: 1000 }, (_, at) =>
    [
      `  - name: segment_${at}`,
      '    entity: customer',
      '    where:',
      '      all:',
      `        - {trait: lifetime_value, gte: ${at}}`,
      '        - {event: orders, count: {eq: 0}, within: 60 days}',
      '        - any: [{trait: country, in: [FR, BE]}, {trait: spend, lt: 5}]',
      '        - not: {trait: email, ends_with: "@shop.example"}',
    ].join('\n'),
  )
  const syncs = Array.from({ length: 1000 }, (_, at) =>
    [
      `  - name: sync_${at}`,
      `    segment: segment_${at}`,
      '    to: crm.contacts',
      '    match: {email: email}',
      '    map: {firstname: first_name, origin: {value: sluice}, country: {sql: "upper({country})"}}',
      '    schedule: "*/15 * * * *"',
      '    guard: {max_remove: 5%, max_change: 50%, min_rows: 1}',
    ].join('\n'),
  )
  const start = process.cpuUsage()
  const project = parsed(`segments:\n${segments.join('\n')}`, `syncs:\n${syncs.join('\n')}`)
  const { user, system } = process.cpuUsage(start)
  assert.deepEqual([project.segments.size, project.syncs.size], [1000, 1000])
  // The collector and the compiler run beside on other cores and count here too, so twice the limit of wall time.
  assert.ok((user + system) / 1e6 < 3, `${(user + system) / 1e6} s`)
})
