import type { Position } from '../base/position.ts'
import { FileLines, Places } from '../spec/yaml/places.ts'
import { readYaml } from '../spec/yaml/read-yaml.ts'

type Container = Readonly<Record<string, unknown>> | readonly unknown[]

interface FilePlaces {
  /** By where a mapping starts, and by where its `name` stands. */
  readonly byStart: ReadonlyMap<string, Container>
  readonly byName: ReadonlyMap<string, Container>
  readonly lines: FileLines
  /** Offset of each line. */
  readonly starts: readonly number[]
}

/**
 * Finds places that a checked project no longer knows, such as a key of a setting: reads the file again. Only
 * mistakes and warnings ask, so a right project pays nothing. What is not found (behind an alias, say) gets the place
 * that was given.
 */
export class PlaceFinder {
  readonly #texts: ReadonlyMap<string, string>
  readonly #files = new Map<string, FilePlaces>()
  readonly #places = new Places()

  constructor(texts: ReadonlyMap<string, string>) {
    this.#texts = texts
  }

  /**
   * Of the key or value at `path` in the definition whose name stands at `name`; `otherwise` (the name) when it is not
   * written there.
   */
  inDefinition(
    name: Position,
    path: readonly string[],
    mark: 'key' | 'value',
    otherwise: Position = name,
  ): Position {
    return this.#follow(this.#file(name.file).byName.get(placeKey(name)), path, mark) ?? otherwise
  }

  /** Of the value of `key` in the mapping that starts at `start`. */
  inMapping(start: Position, key: string): Position {
    return this.#follow(this.#file(start.file).byStart.get(placeKey(start)), [key], 'value') ?? start
  }

  /** Of the `nth` match of `pattern` in a text that starts at `start`, when it is `found` that stands there. */
  inText(start: Position, pattern: RegExp, nth: number, found: string): Position {
    const { lines, starts } = this.#file(start.file)
    const offset = (starts[start.line - 1] ?? 0) + start.column - 1
    const match = nthMatch(lines.text.slice(offset, offset + LONGEST_SQL), pattern, nth)
    if (match === undefined || match[0] !== found) return start
    const at = offset + match.index
    return lines.position({ start: at, end: at + found.length })
  }

  #follow(
    start: Container | undefined,
    path: readonly string[],
    mark: 'key' | 'value',
  ): Position | undefined {
    let container: unknown = start
    for (const part of path.slice(0, -1))
      container = isContainer(container) ? Reflect.get(container, part) : undefined
    const last = path.at(-1)
    if (!isContainer(container) || last === undefined || !Object.hasOwn(container, last)) return undefined
    return mark === 'key' ? this.#places.key(container, last) : this.#places.value(container, last)
  }

  #file(file: string): FilePlaces {
    const known = this.#files.get(file)
    if (known !== undefined) return known
    const text = this.#texts.get(file) ?? ''
    const byStart = new Map<string, Container>()
    const byName = new Map<string, Container>()
    this.#index(readYaml(file, text, this.#places).root, byStart, byName)
    const read = { byStart, byName, lines: new FileLines(file, text), starts: lineStarts(text) }
    this.#files.set(file, read)
    return read
  }

  #index(value: unknown, byStart: Map<string, Container>, byName: Map<string, Container>): void {
    if (!isContainer(value)) return
    if (!Array.isArray(value)) {
      byStart.set(placeKey(this.#places.self(value)), value)
      if (Object.hasOwn(value, 'name')) byName.set(placeKey(this.#places.value(value, 'name')), value)
    }
    for (const inner of Object.values(value)) this.#index(inner, byStart, byName)
  }
}

/** References further on are marked at the start of their text. */
const LONGEST_SQL = 20_000

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function placeKey(at: Position): string {
  return `${at.line}:${at.column}`
}

function lineStarts(text: string): readonly number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

function nthMatch(text: string, pattern: RegExp, nth: number): RegExpExecArray | undefined {
  let at = 0
  for (const match of text.matchAll(pattern)) {
    if (at === nth) return match
    at += 1
  }
  return undefined
}
