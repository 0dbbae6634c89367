import type { BodyCheck } from './body-schemas.ts'

/** One operation that an API's description has. */
export interface Operation {
  readonly method: string
  /** Of the whole path, with what stands before the described one. */
  readonly path: PathTemplate
  readonly parameters: readonly Parameter[]
  /** By media type; undefined: none is described. */
  readonly bodies: ReadonlyMap<string, BodyCheck> | undefined
  readonly bodyRequired: boolean
}

export interface Parameter {
  readonly name: string
  readonly in: 'query' | 'header'
  readonly required: boolean
}

export interface PathTemplate {
  readonly text: string
  readonly pattern: RegExp
  /** Segments without a variable: of two templates that match, the one with more is meant. */
  readonly literals: number
}

/** `/crm/{type}/batch`, below `base`. Variables are never empty and hold no slash. */
export function pathTemplate(text: string, base: string): PathTemplate {
  const whole = `${base.replace(/\/+$/, '')}${text.startsWith('/') ? text : `/${text}`}`.replace(/\/+$/, '')
  const pattern = whole
    .split(/\{[^}]*\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^/]+')
  const literals = whole.split('/').filter((part) => !part.includes('{')).length
  return { text: whole, pattern: new RegExp(`^${pattern}/?$`), literals }
}
