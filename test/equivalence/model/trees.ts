import fc from 'fast-check'
import { byBytes } from './oracle.ts'
import type { Literal, Raw } from './raw.ts'
import { edgeTimes, type Kind, type Record_, SHAPES, TEXTS } from './world.ts'

/** The user's own SQL, with what it means. Null is false. */
export const ROW_SQL: ReadonlyMap<string, (row: Record_) => boolean> = new Map([
  ['qty > 2', (row: Record_) => row.qty !== null && Number(row.qty) > 2],
  ["label = 'a' or qty is null -- a comment", (row: Record_) => row.label === 'a' || row.qty === null],
  [
    // No name that one of the dialects would want in quotes of its own.
    `{as_of} <= {as_of} and label <> '{{'`,
    (row: Record_) => row.label !== null && row.label !== '{',
  ],
])

export class Trees {
  readonly #times: readonly string[]

  constructor(asOf: string, timezone: string) {
    this.#times = edgeTimes(asOf, timezone).map((time) => new Date(time).toISOString())
  }

  /** Conditions of a row. */
  row(source: string): fc.Arbitrary<Raw> {
    const columns = Object.entries(SHAPES[source]?.columns ?? {}).filter(([name]) => !/^id$|_id$/.test(name))
    const leaves = columns.map(([column, kind]) => this.test(kind).map((test): Raw => ({ column, ...test })))
    const own = source === 'events' ? [fc.constantFrom(...ROW_SQL.keys()).map((sql): Raw => ({ sql }))] : []
    return tree(fc.oneof(...leaves, ...own))
  }

  /** One test of a value. */
  test(kind: Kind): fc.Arbitrary<Raw> {
    const isNull = fc.boolean().map((value): Raw => ({ is_null: value }))
    switch (kind) {
      case 'integer':
        return fc.oneof(
          this.numbers(),
          this.numbers(),
          isNull,
          this.texts(['1', '10', '01', '', '-1', '2147483647']),
        )
      case 'decimal':
        return fc.oneof(this.numbers(), this.numbers(), isNull, this.texts(['1.00', '10.50', '1', '9.99']))
      case 'float':
        return fc.oneof(this.numbers(), this.numbers(), isNull)
      case 'boolean':
        return fc.oneof(
          fc.boolean().map((eq): Raw => ({ eq })),
          fc.boolean().map((ne): Raw => ({ ne })),
          fc.constantFrom<Raw>(
            { in: [true] },
            { not_in: [true, false] },
            { eq: 'true' },
            { contains: 'als' },
          ),
          isNull,
        )
      case 'text':
        return fc.oneof(this.texts(TEXTS), this.texts(TEXTS), isNull, this.#timeOrder())
      default:
        return fc.oneof(
          this.#timeOrder(),
          this.#timeOrder(),
          this.#timeTests(),
          isNull,
          fc.constantFrom<Raw>(
            { contains: '-03-' },
            { starts_with: '2026' },
            { matches: '^2025' },
            { eq: '2026-03' },
          ),
        )
    }
  }

  numbers(): fc.Arbitrary<Raw> {
    const number = fc.constantFrom(0, 1, 2, 3, 5, 10, 0.5, 9.99, -2.25, 100, 10.5, -1, 1e6)
    return fc.oneof(
      compared(number),
      fc
        .uniqueArray(number, { minLength: 1, maxLength: 4 })
        .chain((list) => fc.constantFrom<Raw>({ in: list }, { not_in: list })),
      fc.tuple(number, number).map(([a, b]): Raw => ({ between: a < b ? [a, b] : [b, a] })),
    )
  }

  texts(from: readonly string[]): fc.Arbitrary<Raw> {
    const text = fc.constantFrom(...from)
    const part = fc.constantFrom(...from.filter((one) => one !== ''), 'A', '%', '_', '0')
    return fc.oneof(
      compared(text),
      fc
        .uniqueArray(text, { minLength: 1, maxLength: 4 })
        .chain((list) => fc.constantFrom<Raw>({ in: list }, { not_in: list })),
      fc
        .tuple(text, text)
        .filter(([a, b]) => isUsable(a, b))
        .map(([a, b]): Raw => ({ between: byBytes(a, b) <= 0 ? [a, b] : [b, a] })),
      part.chain((text) =>
        fc.constantFrom<Raw>({ contains: text }, { starts_with: text }, { ends_with: text }),
      ),
      fc
        .constantFrom(
          '^a',
          'b$',
          '[A-Z]',
          '(?i)AB',
          '^$',
          'a.',
          '[0-9]',
          '中|z',
          '^.$',
          '^[^a]*$',
          'o.k',
          '\\\\',
        )
        .map((matches): Raw => ({ matches })),
    )
  }

  #timeOrder(): fc.Arbitrary<Raw> {
    const time = fc.constantFrom(...this.#times, '2026-03-01', '2026-02-28', '2026-03-31')
    return fc.oneof(
      compared(time),
      fc
        .uniqueArray(time, { minLength: 1, maxLength: 3 })
        .chain((list) => fc.constantFrom<Raw>({ in: list }, { not_in: list })),
      fc
        .tuple(time, time)
        .map(([a, b]): Raw => ({ between: Date.parse(a) <= Date.parse(b) ? [a, b] : [b, a] })),
    )
  }

  #timeTests(): fc.Arbitrary<Raw> {
    const time = fc.constantFrom(...this.#times, '2026-03-01')
    return fc.oneof(
      time.map((before): Raw => ({ before })),
      time.map((after): Raw => ({ after })),
      fc
        .oneof(
          this.window(),
          this.window().map((window) => `next ${window}`),
        )
        .map((within): Raw => ({ within })),
    )
  }

  window(): fc.Arbitrary<string> {
    return fc.constantFrom(
      '1 hour',
      '1 day',
      '48 hours',
      '7 days',
      '30 days',
      '1 month',
      '2 months',
      '13 months',
      '1 year',
    )
  }

  /** An event condition, with any measure, window and `where`. */
  event(): fc.Arbitrary<Raw> {
    return fc.constantFrom('events', 'items', 'visits', 'people').chain((event) => {
      const time = fc.constantFrom(...this.#times)
      const between = fc
        .tuple(time, time)
        .map(([a, b]): Raw => ({ between: Date.parse(a) <= Date.parse(b) ? [a, b] : [b, a] }))
      const none = fc.constant<Raw>({})
      const range =
        event === 'people'
          ? none
          : fc.oneof(
              none,
              this.window().map((within): Raw => ({ within })),
              between,
            )
      const where = fc.oneof(
        none,
        this.row(event).map((where): Raw => ({ where })),
      )
      return fc
        .tuple(range, where, this.#measure(event))
        .map((parts): Raw => Object.assign({ event }, ...parts))
    })
  }

  #measure(source: string): fc.Arbitrary<Raw> {
    const columns = Object.entries(SHAPES[source]?.columns ?? {}).filter(([name]) => !/^id$|_id$/.test(name))
    const numeric = columns
      .filter(([, kind]) => ['integer', 'decimal', 'float'].includes(kind))
      .map(([name]) => name)
    const count = fc.constantFrom(0, 1, 2, 3, 5)
    const counted = fc.oneof(
      compared(count),
      fc.constantFrom<Raw>({ in: [0, 2] }, { not_in: [1] }, { between: [0, 2] }, { between: [1, 4] }),
    )
    const any = fc.constantFrom(...columns)
    return fc.oneof(
      fc.constant<Raw>({}),
      counted.map((count): Raw => ({ count })),
      any.chain(([column]) => counted.map((test): Raw => ({ count_distinct: { column, ...test } }))),
      any.chain(([column, kind]) =>
        fc
          .tuple(fc.constantFrom('min', 'max'), this.test(kind))
          .map(([measure, test]): Raw => ({ [measure]: { column, ...test } })),
      ),
      ...(numeric.length === 0
        ? []
        : [
            fc
              .tuple(
                fc.constantFrom('sum', 'avg'),
                fc.constantFrom(...numeric),
                fc.oneof(
                  this.numbers(),
                  fc.boolean().map((value): Raw => ({ is_null: value })),
                ),
              )
              .map(([measure, column, test]): Raw => ({ [measure]: { column, ...test } })),
          ]),
    )
  }

  /** Two to four steps; none of one source only, so that a row may serve two steps. */
  sequence(): fc.Arbitrary<Raw> {
    const source = fc.constantFrom('events', 'events', 'visits')
    const simple = (of: string) =>
      fc.oneof(
        { weight: 2, arbitrary: fc.constant<Raw>({}) },
        {
          weight: 3,
          arbitrary: fc.constantFrom<Raw>(
            { where: { column: 'label', in: ['a', 'A', 'b'] } },
            { where: { column: 'label', is_null: false } },
            { where: { column: 'session', eq: 's1' } },
          ),
        },
        { weight: 1, arbitrary: this.row(of).map((where): Raw => ({ where })) },
      )
    const windows = fc.oneof(
      { weight: 3, arbitrary: fc.constant<Raw>({}) },
      {
        weight: 3,
        arbitrary: fc
          .constantFrom('1 hour', '1 day', '7 days', '48 hours')
          .map((within): Raw => ({ within })),
      },
      {
        weight: 2,
        arbitrary: fc.constantFrom('1 month', '2 months', '1 year').map((within): Raw => ({ within })),
      },
    )
    const event = source.chain((event) =>
      fc.tuple(simple(event), windows).map(([where, within]): Raw => ({ event, ...where, ...within })),
    )
    const none = source.chain((no_event) =>
      fc.tuple(simple(no_event), windows).map(([where, within]): Raw => ({ no_event, ...where, ...within })),
    )
    const first = event.map(({ within: _, ...step }): Raw => step)
    const rest = fc.array(fc.oneof({ weight: 3, arbitrary: event }, { weight: 2, arbitrary: none }), {
      maxLength: 3,
    })
    const same = fc.constantFrom<Raw>({}, {}, { same: 'session' }, { same: 'label' })
    return fc.tuple(first, rest, same).map(([start, steps, shared]): Raw => {
      const whole = [start, ...steps].map((step, index, all) => {
        const open =
          step.no_event !== undefined && step.within === undefined && all[index + 1]?.event === undefined
        return open ? { ...step, within: '7 days' } : step
      })
      return { sequence: whole, ...shared }
    })
  }
}

/** Trees of up to three levels, empty lists too. */
export function tree(leaf: fc.Arbitrary<Raw>): fc.Arbitrary<Raw> {
  const { node } = fc.letrec<{ node: Raw }>((tie) => ({
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 5, arbitrary: leaf },
      { weight: 1, arbitrary: fc.array(tie('node'), { maxLength: 3 }).map((all): Raw => ({ all })) },
      { weight: 1, arbitrary: fc.array(tie('node'), { maxLength: 3 }).map((any): Raw => ({ any })) },
      { weight: 1, arbitrary: tie('node').map((not): Raw => ({ not })) },
    ),
  }))
  return node
}

function compared(literal: fc.Arbitrary<Literal>): fc.Arbitrary<Raw> {
  return fc
    .tuple(fc.constantFrom('eq', 'ne', 'gt', 'gte', 'lt', 'lte'), literal)
    .map(([op, value]): Raw => ({ [op]: value }))
}

/** Two texts that are both times must be in the order of time. */
function isUsable(a: string, b: string): boolean {
  return Number.isNaN(Date.parse(a)) || Number.isNaN(Date.parse(b))
}
