import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  Scalar,
  type YAMLMap,
  type YAMLSeq,
} from 'yaml'
import { SluiceError } from '../../base/errors.ts'
import type { Warning } from '../../base/warning.ts'
import { MAX_ALIASED_VALUES, MAX_DEPTH, MAX_ERRORS_PER_FILE } from '../limits.ts'
import { isMapping } from '../mapping.ts'
import type { FileLines, Places, Span } from './places.ts'
import { tooDeepAt } from './yaml-problem.ts'

interface Values {
  readonly root: Readonly<Record<string, unknown>> | undefined
  readonly errors: readonly SluiceError[]
  readonly warnings: readonly Warning[]
}

/** A document's nodes as plain data, with the place of each in `places`. */
export function toValues(document: Document.Parsed, lines: FileLines, places: Places): Values {
  const walk = new Walk(lines, places)
  const root = document.contents === null ? undefined : walk.value(document.contents, 0).data
  const { errors, warnings } = walk
  if (root === undefined || root === null) return { root: undefined, errors, warnings }
  if (isMapping(root)) return { root, errors, warnings }
  const at = lines.position(spanOf(document.contents))
  errors.push(
    new SluiceError('SLU1001', {
      message: `expected a mapping with lists such as "sources:" or "segments:", found ${Array.isArray(root) ? 'a list' : 'a single value'}`,
      at,
      hint: Array.isArray(root) ? 'put the name of the kind over it: "segments:"' : undefined,
    }),
  )
  return { root: undefined, errors, warnings }
}

interface Converted {
  readonly data: unknown
  /** How many values it stands for when all aliases in it are written out. */
  readonly weight: number
  /** It could not be read, and an error says so. */
  readonly broken?: boolean
}

class Walk {
  readonly errors: SluiceError[] = []
  readonly warnings: Warning[] = []
  readonly #lines: FileLines
  readonly #places: Places
  /** By anchor; `undefined` while the anchored value is being read. */
  readonly #anchors = new Map<string, Converted | undefined>()
  #aliasedValues = 0

  constructor(lines: FileLines, places: Places) {
    this.#lines = lines
    this.#places = places
  }

  value(node: Node | null, depth: number): Converted {
    if (node === null) return NOTHING
    if (isAlias(node)) return this.#alias(node.source, spanOf(node))
    if (this.#hasTag(node)) return BROKEN
    const anchor = 'anchor' in node ? node.anchor : undefined
    if (anchor !== undefined) this.#anchors.set(anchor, undefined)
    const converted = this.#plain(node, depth)
    if (anchor !== undefined) this.#anchors.set(anchor, converted)
    return converted
  }

  #plain(node: Node, depth: number): Converted {
    if (isScalar(node)) return this.#scalar(node)
    if (depth >= MAX_DEPTH) {
      this.errors.push(tooDeepAt(this.#lines, spanOf(node).start))
      return BROKEN
    }
    if (isMap(node)) return this.#mapping(node, depth)
    return isSeq(node) ? this.#list(node, depth) : NOTHING
  }

  #alias(name: string, span: Span): Converted {
    const target = this.#anchors.get(name)
    if (target === undefined) {
      this.#fail('SLU1011', span, {
        message: `expected an anchor "&${name}" above, found none`,
        hint: 'anchors are known in their own file only, from their place on',
      })
      return BROKEN
    }
    const before = this.#aliasedValues
    this.#aliasedValues += target.weight
    if (this.#aliasedValues <= MAX_ALIASED_VALUES) return target
    if (before <= MAX_ALIASED_VALUES)
      this.#fail('SLU1010', span, {
        message: `expected aliases that stand for at most ${MAX_ALIASED_VALUES} values in a file, found more`,
        hint: 'write the values out, or make a segment of what repeats',
      })
    return BROKEN
  }

  #scalar(node: Scalar): Converted {
    const { value, source = '' } = node
    if (typeof value !== 'number' || node.type !== Scalar.PLAIN) return { data: value, weight: 1 }
    if (/^[-+]?0[0-9]/.test(source))
      this.warnings.push({
        code: 'SLU1101',
        message: `the number ${source} is read as ${value}`,
        at: this.#lines.position(spanOf(node)),
        hint: `put it in quotes when it is a code: "${source}"`,
      })
    const exact = !Number.isInteger(value) || Number.isSafeInteger(value) || !/^[-+]?[0-9]+$/.test(source)
    if (exact) return { data: value, weight: 1 }
    this.#fail('SLU1001', spanOf(node), {
      message: `expected a whole number of at most 2^53, found ${source.slice(0, LONGEST_NUMBER)}`,
      hint: 'put it in quotes',
    })
    return BROKEN
  }

  #list(node: YAMLSeq, depth: number): Converted {
    const data: unknown[] = []
    const parts = new Map<string, { key: Span; value: Span }>()
    let weight = 1
    for (const [index, item] of node.items.entries()) {
      const child = this.value(item as Node | null, depth + 1)
      const span = spanOf(item as Node | null)
      data.push(child.data)
      if (child.broken === true) this.#places.markBroken(data, index)
      parts.set(String(index), { key: span, value: span })
      weight += child.weight
    }
    this.#places.remember(data, { file: this.#lines, self: spanOf(node), parts })
    return { data, weight }
  }

  #mapping(node: YAMLMap, depth: number): Converted {
    const data: Record<string, unknown> = {}
    const parts = new Map<string, { key: Span; value: Span }>()
    let weight = 1
    for (const pair of node.items as Pair<Node, Node | null>[]) {
      const keySpan = spanOf(pair.key)
      const key = this.#key(pair.key, keySpan, parts)
      const child = this.value(pair.value, depth + 1)
      weight += child.weight
      if (key === undefined || child.broken === true) this.#places.markBroken(data, key ?? '')
      if (key === undefined) continue
      data[key] = child.data
      parts.set(key, { key: keySpan, value: isWritten(pair.value) ? spanOf(pair.value) : keySpan })
    }
    this.#places.remember(data, { file: this.#lines, self: selfSpan(node), parts })
    return { data, weight }
  }

  /** Undefined: this pair cannot be taken, and the error is noted. */
  #key(node: Node, span: Span, before: ReadonlyMap<string, { readonly key: Span }>): string | undefined {
    if (!isScalar(node) || typeof node.value !== 'string') {
      this.#fail('SLU1001', span, {
        message: 'expected a text as key, found something else',
        hint: 'put the key in quotes',
      })
      return undefined
    }
    const key = node.value
    if (FORBIDDEN_KEYS.has(key)) {
      this.#fail('SLU1014', span, {
        message: `expected another key, found "${key}", which no mapping may have`,
      })
      return undefined
    }
    if (key === '<<' && node.type === Scalar.PLAIN) {
      this.#fail('SLU1013', span, {
        message: 'expected a key, found a merge key "<<", which YAML 1.2 does not have',
        hint: 'write the keys out, or share a whole value with an anchor and an alias',
      })
      return undefined
    }
    const first = before.get(key)
    if (first === undefined) return key
    const place = this.#lines.position(first.key)
    this.#fail('SLU1012', span, {
      message: `expected each key once, found "${key}" a second time; the first is at ${place.file}:${place.line}:${place.column}`,
      hint: 'take one of them out, or unite them',
    })
    return undefined
  }

  #hasTag(node: Node): boolean {
    if (node.tag === undefined || CORE_TAGS.has(node.tag)) return false
    this.#fail('SLU1013', spanOf(node), {
      message: `expected a plain value, found the tag "${node.tag}"`,
      hint: 'take the tag out: projects know no tags',
    })
    return true
  }

  #fail(
    code: 'SLU1001' | 'SLU1010' | 'SLU1011' | 'SLU1012' | 'SLU1013' | 'SLU1014',
    span: Span,
    details: { message: string; hint?: string },
  ) {
    if (this.errors.length >= MAX_ERRORS_PER_FILE) return
    this.errors.push(new SluiceError(code, { ...details, at: this.#lines.position(span) }))
  }
}

const NOTHING: Converted = { data: null, weight: 1 }
const BROKEN: Converted = { data: null, weight: 1, broken: true }

/** The most digits that a message repeats. */
const LONGEST_NUMBER = 40

/** Keys through which a careless merge would change every object of the process. */
const FORBIDDEN_KEYS: ReadonlySet<string> = new Set(['__proto__', 'constructor', 'prototype'])

const CORE_TAGS: ReadonlySet<string> = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
)

function spanOf(node: Node | null): Span {
  const range = node?.range
  return range ? { start: range[0], end: range[1] } : { start: 0, end: 0 }
}

/** A block mapping is shown by its first key; one in braces as a whole. */
function selfSpan(node: YAMLMap): Span {
  const first = node.items[0]?.key as Node | undefined
  return node.flow === true || first === undefined ? spanOf(node) : spanOf(first)
}

/** `key:` with nothing after it has an empty range. */
function isWritten(node: Node | null): boolean {
  return node?.range != null && node.range[1] > node.range[0]
}
