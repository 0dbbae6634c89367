import { SluiceError } from '../base/errors.ts'
import { nearestHint } from '../base/nearest.ts'

/** `any`: a bare name. */
export type Method = 'any' | 'source' | 'identity' | 'entity' | 'segment' | 'sync' | 'tag' | 'state'

/** One selector of dbt's grammar: `2+segment:vips+`. */
export interface Selector {
  readonly method: Method
  readonly name: string
  /** The whole name; `*` stands for any letters. */
  readonly pattern: RegExp
  /** How many steps before it are selected too. */
  readonly before: number
  readonly after: number
}

const METHODS: readonly Method[] = ['sync', 'segment', 'entity', 'identity', 'source', 'tag', 'state']
const SELECTOR = /^(?:(\d*)(\+))?(?:([^:+]*):)?([^+]+?)(?:(\+)(\d*))?$/

/** Throws: SLU2201. */
export function parseSelector(text: string): Selector {
  const match = SELECTOR.exec(text)
  if (match === null) throw unreadable(text)
  const [, stepsBefore, before, method = 'any', name = '', after, stepsAfter] = match
  if (match[3] === undefined && name.includes(':')) throw unreadable(text)
  const known = method === 'any' || METHODS.find((one) => one === method) !== undefined
  if (!known) throw unknownMethod(method)
  if (method === 'state' && name !== 'modified') throw unknownState(name)
  return {
    method: method as Method,
    name,
    pattern: new RegExp(`^${name.split('*').map(escapeRegExp).join('.*')}$`),
    before: stepsOf(before, stepsBefore),
    after: stepsOf(after, stepsAfter),
  }
}

function stepsOf(plus: string | undefined, steps: string | undefined): number {
  if (plus === undefined) return 0
  return steps === undefined || steps === '' ? Number.POSITIVE_INFINITY : Number(steps)
}

function escapeRegExp(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function unreadable(text: string): SluiceError {
  return new SluiceError('SLU2201', {
    message: `expected a selector such as vips, segment:vips, tag:daily or +vips+, found "${text}"`,
    hint: 'a comma means both, a blank means either',
  })
}

function unknownMethod(method: string): SluiceError {
  return new SluiceError('SLU2201', {
    message: `expected ${METHODS.map((one) => `${one}:`).join(', ')} or a bare name, found "${method}:"`,
    hint:
      method === 'trait' ? 'a trait is a column of its entity: entity:NAME' : nearestHint(method, METHODS),
  })
}

function unknownState(name: string): SluiceError {
  return new SluiceError('SLU2201', {
    message: `expected state:modified, found "state:${name}"`,
    hint: 'it selects what the last published build was made without, or made differently',
  })
}
