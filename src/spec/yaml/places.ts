import type { Position } from '../../base/position.ts'

/** Offsets into a file's text; `end` is exclusive. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** Where a mapping or list stands, and each of its keys and values. */
export interface ContainerPlace {
  readonly file: FileLines
  readonly self: Span
  /** By key, or by index as text. A list's elements have no key of their own: both spans are the value's. */
  readonly parts: ReadonlyMap<string, { readonly key: Span; readonly value: Span }>
}

/**
 * Remembers where every value of a project was written. Values stay plain data (so that zod can check them);
 * the places are beside them, by identity of the mapping or list that holds them.
 */
export class Places {
  readonly #containers = new WeakMap<object, ContainerPlace>()
  readonly #broken = new WeakMap<object, Set<string>>()

  remember(container: object, place: ContainerPlace): void {
    this.#containers.set(container, place)
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
    return place.file.position(place.self)
  }

  key(container: object, key: string | number): Position {
    const place = this.#placeOf(container)
    return place.file.position(place.parts.get(String(key))?.key ?? place.self)
  }

  value(container: object, key: string | number): Position {
    const place = this.#placeOf(container)
    return place.file.position(place.parts.get(String(key))?.value ?? place.self)
  }

  /** The value as it was written, quotes and all. */
  source(container: object, key: string | number): string {
    const place = this.#placeOf(container)
    const span = place.parts.get(String(key))?.value ?? place.self
    return place.file.text.slice(span.start, span.end)
  }

  #placeOf(container: object): ContainerPlace {
    const place = this.#containers.get(container)
    if (place === undefined) throw new TypeError('a value without a place')
    return place
  }
}

/** A file's text with the offsets at which its lines start. */
export class FileLines {
  readonly file: string
  readonly text: string
  #starts: readonly number[] | undefined

  constructor(file: string, text: string) {
    this.file = file
    this.text = text
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
