import type { Position } from '../../base/position.ts'

/** Offsets into a file's text; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where a mapping or list stands, and each of its keys and values. */
interface WrittenContainer {
  readonly file: FileLines
  readonly self: Span
  /** By key, or by index as text. A list's elements have no key of their own: both spans are the value's. */
  readonly parts: ReadonlyMap<string, { readonly key: Span; readonly value: Span }>
}

/** Where the marks of a mapping or list begin among those of its file. */
interface ContainerPlace {
  readonly file: FileLines
  readonly at: number
  /** Of many keys, their order; made when it is first asked for. */
  order?: ReadonlyMap<string, number>
}

/**
 * Remembers where every value of a project was written. Values stay plain data (so that zod can check them);
 * the places are beside them, by identity of the mapping or list that holds them, as bare numbers of their file:
 * start and end of itself, then of each key and value (of a list, each value) in the order of `Object.keys`.
 */
export class Places {
  readonly #containers = new WeakMap<object, ContainerPlace>()
  readonly #broken = new WeakMap<object, Set<string>>()

  remember(container: object, { file, self, parts }: WrittenContainer): void {
    const { marks } = file
    this.#containers.set(container, { file, at: marks.length })
    marks.push(self.start, self.end)
    const isList = Array.isArray(container)
    for (const name of Object.keys(container)) {
      const { key, value } = parts.get(name) ?? { key: self, value: self }
      if (!isList) marks.push(key.start, key.end)
      marks.push(value.start, value.end)
    }
  }

  /**
   * All marks of the file of `root`, from which `restore` makes the places of an equal value. Undefined where it could
   * not: an alias stands in two places, and some keys are not in the order in which they were written.
   */
  marksOf(root: object): readonly number[] | undefined {
    const file = this.#placeOf(root).file
    const end = this.#walk(root, 0, (container, at) => this.#containers.get(container)?.at === at)
    return end === file.marks.length ? file.marks : undefined
  }

  /** The places of a value whose file has these marks. */
  restore(root: object, file: FileLines): void {
    this.#walk(root, 0, (container, at) => {
      this.#containers.set(container, { file, at })
      return true
    })
  }

  /** The value at `key` could not be read, and an error says so: what else is wrong with it is only an echo. */
  markBroken(container: object, key: string | number): void {
    const broken = this.#broken.get(container) ?? new Set()
    this.#broken.set(container, broken.add(String(key)))
  }

  isBroken(container: object, key: string | number): boolean {
    return this.#broken.get(container)?.has(String(key)) ?? false
  }

  /** Some key of it could not be read, so which keys are missing is not known. */
  hasBroken(container: object): boolean {
    return this.#broken.has(container)
  }

  /** Of the mapping or list itself. */
  self(container: object): Position {
    const place = this.#placeOf(container)
    return place.file.position(spanAt(place.file, place.at))
  }

  key(container: object, key: string | number): Position {
    const place = this.#placeOf(container)
    return place.file.position(this.#span(container, place, key, 'key'))
  }

  value(container: object, key: string | number): Position {
    const place = this.#placeOf(container)
    return place.file.position(this.#span(container, place, key, 'value'))
  }

  /** The value as it was written, quotes and all. */
  source(container: object, key: string | number): string {
    const place = this.#placeOf(container)
    const span = this.#span(container, place, key, 'value')
    return place.file.text.slice(span.start, span.end)
  }

  #placeOf(container: object): ContainerPlace {
    const place = this.#containers.get(container)
    if (place === undefined) throw new TypeError('a value without a place')
    return place
  }

  /** Of the container itself when it has no such part. */
  #span(container: object, place: ContainerPlace, key: string | number, mark: 'key' | 'value'): Span {
    const { file, at } = place
    if (Array.isArray(container)) {
      const isPart = Number.isInteger(Number(key)) && Number(key) >= 0 && Number(key) < container.length
      return spanAt(file, isPart ? at + 2 + Number(key) * 2 : at)
    }
    const index = indexOf(container, place, String(key))
    return spanAt(file, index < 0 ? at : at + 2 + index * 4 + (mark === 'key' ? 0 : 2))
  }

  /** Visits containers in the order in which they were remembered, inner ones first; -1 when `visit` says no. */
  #walk(container: object, start: number, visit: (container: object, at: number) => boolean): number {
    let at = start
    const values: readonly unknown[] = Array.isArray(container) ? container : Object.values(container)
    for (const value of values) {
      if (typeof value !== 'object' || value === null) continue
      at = this.#walk(value, at, visit)
      if (at < 0) return -1
    }
    if (!visit(container, at)) return -1
    return at + 2 + values.length * (Array.isArray(container) ? 2 : 4)
  }
}

function spanAt({ marks }: FileLines, at: number): Span {
  return { start: marks[at] ?? 0, end: marks[at + 1] ?? 0 }
}

const MANY_KEYS = 50

function indexOf(container: object, place: ContainerPlace, key: string): number {
  if (place.order !== undefined) return place.order.get(key) ?? -1
  const keys = Object.keys(container)
  if (keys.length < MANY_KEYS) return keys.indexOf(key)
  place.order = new Map(keys.map((name, index) => [name, index]))
  return place.order.get(key) ?? -1
}

/** A file's text with the offsets at which its lines start. */
export class FileLines {
  readonly file: string
  readonly text: string
  /** Offsets of what is written in it, as `Places` keeps them. */
  readonly marks: number[]
  #starts: readonly number[] | undefined

  constructor(file: string, text: string, marks: number[] = []) {
    this.file = file
    this.text = text
    this.marks = marks
  }

  /** The span's first line only: a position never spans lines. */
  position(span: Span): Position {
    const starts = this.#lineStarts()
    const line = lastAtOrBefore(starts, span.start)
    const lineStart = starts[line] ?? 0
    const lineEnd = this.#endOfLine(line, starts)
    const end = Math.max(Math.min(span.end, lineEnd), span.start + 1)
    return {
      file: this.file,
      line: line + 1,
      column: span.start - lineStart + 1,
      endColumn: end - lineStart + 1,
    }
  }

  #endOfLine(line: number, starts: readonly number[]): number {
    const next = starts[line + 1] ?? this.text.length + 1
    const withoutBreak = next - 1
    return this.text[withoutBreak - 1] === '\r' ? withoutBreak - 1 : withoutBreak
  }

  #lineStarts(): readonly number[] {
    if (this.#starts !== undefined) return this.#starts
    const starts = [0]
    for (let at = this.text.indexOf('\n'); at >= 0; at = this.text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#starts = starts
    return starts
  }
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((starts[middle] ?? 0) <= offset) low = middle
    else high = middle - 1
  }
  return low
}
