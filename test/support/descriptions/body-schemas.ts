import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { closed, type Json, type Schema } from './closed-schema.ts'

/** What is wrong with a body, as `/place: what`; nothing when it is as described. */
export type BodyCheck = (body: unknown) => readonly string[]

/** Checks of one description's schemas, each compiled when it is first needed. */
export class BodySchemas {
  readonly #ajv: Ajv2020
  readonly #open: readonly RegExp[]
  readonly #examples: readonly RegExp[]

  /**
   * `schemas` are those that `$ref`s below `prefix` name. Both lists are JSON pointers in which `*` is any place.
   */
  constructor(
    schemas: Readonly<Record<string, Json>>,
    prefix: string,
    {
      open = [],
      examples = [],
    }: { readonly open?: readonly string[]; readonly examples?: readonly string[] },
  ) {
    this.#ajv = new Ajv2020({
      ...{ strict: false, allErrors: true, logger: false, validateSchema: false },
      // Some vendors' patterns are none under the flag u.
      unicodeRegExp: false,
    })
    addFormats.default(this.#ajv)
    this.#open = [...open, ...examples].map(patternOf)
    this.#examples = examples.map(patternOf)
    const refs = { of: schemas, prefix }
    const definitions = Object.entries(schemas).flatMap(([name, schema]) => [
      [`closed:${name}`, closed(schema as Schema, refs)],
      [`open:${name}`, closed(schema as Schema, refs, 'open')],
    ])
    this.#ajv.addSchema({ $id: 'description', $defs: Object.fromEntries(definitions) })
    this.#refs = refs
  }

  readonly #refs: { readonly of: Readonly<Record<string, Json>>; readonly prefix: string }

  check(schema: Json): BodyCheck {
    let compiled: ValidateFunction | undefined
    return (body) => {
      compiled ??= this.#ajv.compile({ ...closed(schema as Schema, this.#refs) })
      if (compiled(body)) return []
      return (compiled.errors ?? []).filter((error) => !this.#isOpen(error)).map(told)
    }
  }

  #isOpen({ keyword, instancePath }: ErrorObject): boolean {
    if (keyword === 'required') return this.#examples.some((pattern) => pattern.test(instancePath))
    return keyword === 'unevaluatedProperties' && this.#open.some((pattern) => pattern.test(instancePath))
  }
}

function patternOf(pointer: string): RegExp {
  const parts = pointer.split('/').map((part) => (part === '*' ? '[^/]+' : part))
  return new RegExp(`^${parts.join('/')}$`)
}

function told({ instancePath, keyword, params, message = '' }: ErrorObject): string {
  if (keyword === 'unevaluatedProperties')
    return `${instancePath}/${params.unevaluatedProperty}: not described`
  if (keyword === 'required') return `${instancePath}/${params.missingProperty}: missing`
  return `${instancePath}: ${message}`
}
