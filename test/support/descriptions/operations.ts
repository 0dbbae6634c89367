import { BodySchemas } from './body-schemas.ts'
import { isSchema, type Json, type Schema } from './closed-schema.ts'
import { type Operation, type Parameter, pathTemplate } from './description.ts'

/** How a description is read that does not say all by itself. */
export interface Reading {
  /** What stands before its paths. */
  readonly base?: string
  /** JSON pointers of objects in bodies that take keys of the account's own. */
  readonly open?: readonly string[]
  /** The same of objects that were described by one example: its keys need not be there. */
  readonly examples?: readonly string[]
  /** Of a file that has schemas and no paths: the schema's name by operation; undefined: without a body. */
  readonly schemas?: Readonly<Record<string, string | undefined>>
}

/** The operations of an OpenAPI 3 or Swagger 2 document, of Google's discovery, of Meta's nodes, or schemas by name. */
export function operationsOf(document: Schema, reading: Reading): readonly Operation[] {
  if (reading.schemas !== undefined) return ofSchemas(document, reading, reading.schemas)
  if (document.discoveryVersion !== undefined) return ofDiscovery(document, reading)
  if (document.apis !== undefined) return ofNode(document, reading)
  return ofPaths(document, reading)
}

const METHODS = ['get', 'put', 'post', 'delete', 'patch']

function ofPaths(document: Schema, reading: Reading): readonly Operation[] {
  const isSwagger = document.swagger !== undefined
  const components = isSwagger
    ? objectIn(document.definitions)
    : objectIn(objectIn(document.components).schemas)
  const prefix = isSwagger ? '#/definitions/' : '#/components/schemas/'
  const schemas = new BodySchemas(components, prefix, reading)
  return Object.entries(objectIn(document.paths)).flatMap(([path, item]) =>
    METHODS.flatMap((method): readonly Operation[] => {
      const operation = objectIn(item)[method]
      if (!isSchema(operation)) return []
      const parameters = [...listIn(objectIn(item).parameters), ...listIn(operation.parameters)].map((one) =>
        follow(one, document),
      )
      return [
        {
          method: method.toUpperCase(),
          path: pathTemplate(path, reading.base ?? ''),
          parameters: parameters.flatMap(parameterOf),
          ...(isSwagger
            ? swaggerBody(operation, parameters, schemas)
            : openApiBody(follow(operation.requestBody ?? {}, document), schemas)),
        },
      ]
    }),
  )
}

function parameterOf({ name, in: where, required }: Schema): readonly Parameter[] {
  if (where !== 'query' && where !== 'header') return []
  return [{ name: String(name), in: where, required: required === true }]
}

type Body = Pick<Operation, 'bodies' | 'bodyRequired'>

const NO_BODY: Body = { bodies: undefined, bodyRequired: false }

function openApiBody({ content, required }: Schema, schemas: BodySchemas): Body {
  const types = Object.entries(objectIn(content))
  if (types.length === 0) return NO_BODY
  return {
    bodies: new Map(types.map(([type, media]) => [type, schemas.check(objectIn(media).schema ?? {})])),
    bodyRequired: required === true,
  }
}

/** A body is one parameter, a form is one parameter a field. */
function swaggerBody({ consumes }: Schema, parameters: readonly Schema[], schemas: BodySchemas): Body {
  const body = parameters.find((one) => one.in === 'body')
  if (body !== undefined) {
    const check = schemas.check(body.schema ?? {})
    return { bodies: new Map([['application/json', check]]), bodyRequired: body.required === true }
  }
  const fields = parameters.filter((one) => one.in === 'formData')
  if (fields.length === 0) return NO_BODY
  const required = fields.filter((one) => one.required === true).map(({ name }) => String(name))
  const form = (of: () => Json) =>
    schemas.check({
      ...{ type: 'object', required },
      properties: Object.fromEntries(fields.map((field) => [String(field.name), of()])),
    })
  const types = listIn(consumes).map(String)
  return {
    bodies: new Map([
      ['application/x-www-form-urlencoded', form(() => ({ type: 'string' }))],
      // Lists and objects are texts in forms only.
      ...(types.includes('application/json') ? [['application/json', form(() => ({}))] as const] : []),
    ]),
    bodyRequired: required.length > 0,
  }
}

function ofDiscovery(document: Schema, reading: Reading): readonly Operation[] {
  const schemas = new BodySchemas(objectIn(document.schemas), '', reading)
  const common = discoveryParameters(objectIn(document.parameters))
  return methodsIn(document).map((method) => ({
    method: String(method.httpMethod),
    path: pathTemplate(String(method.flatPath ?? method.path), reading.base ?? ''),
    parameters: [...common, ...discoveryParameters(objectIn(method.parameters))],
    bodies:
      method.request === undefined
        ? undefined
        : new Map([['application/json', schemas.check(objectIn(method.request))]]),
    bodyRequired: method.request !== undefined,
  }))
}

function methodsIn(part: Schema): readonly Schema[] {
  const own = Object.values(objectIn(part.methods)).filter(isSchema)
  return [...own, ...Object.values(objectIn(part.resources)).filter(isSchema).flatMap(methodsIn)]
}

function discoveryParameters(parameters: Schema): readonly Parameter[] {
  return Object.entries(parameters).flatMap(([name, parameter]) => {
    const { location, required } = objectIn(parameter)
    return location === 'query' ? [{ name, in: 'query' as const, required: required === true }] : []
  })
}

/** Meta names the parameters of each edge of a node, and no more of most than that they are there. */
function ofNode(document: Schema, reading: Reading): readonly Operation[] {
  const schemas = new BodySchemas({}, '', reading)
  return listIn(document.apis).map((api) => {
    const { method, endpoint, params } = objectIn(api)
    const named = listIn(params)
      .map(objectIn)
      .map(({ name, required }) => ({ name: String(name), required: required === true }))
    const required = named.flatMap((one) => (one.required ? [one.name] : []))
    const isRead = method === 'GET'
    const body = {
      type: 'object',
      required,
      properties: Object.fromEntries(named.map(({ name }) => [name, {}])),
    }
    return {
      ...{ method: String(method), path: pathTemplate(String(endpoint ?? ''), reading.base ?? '') },
      parameters: isRead ? named.map((one) => ({ ...one, in: 'query' as const })) : [],
      bodies: isRead ? undefined : new Map([['application/json', schemas.check(body)]]),
      bodyRequired: !isRead && required.length > 0,
    }
  })
}

function ofSchemas(
  document: Schema,
  reading: Reading,
  byOperation: NonNullable<Reading['schemas']>,
): readonly Operation[] {
  const schemas = new BodySchemas(document, '', reading)
  return Object.entries(byOperation).map(([operation, name]) => {
    const [method = '', path = ''] = operation.split(' ')
    const schema = name === undefined ? undefined : document[name]
    if (name !== undefined && schema === undefined) throw new Error(`no schema ${name}`)
    return {
      ...{
        method,
        path: pathTemplate(path, reading.base ?? ''),
        parameters: [],
        bodyRequired: schema !== undefined,
      },
      bodies: schema === undefined ? undefined : new Map([['application/json', schemas.check(schema)]]),
    }
  })
}

function follow(part: Json, document: Schema): Schema {
  const { $ref } = objectIn(part)
  if (typeof $ref !== 'string') return objectIn(part)
  let found: Json | undefined = document
  for (const key of $ref.split('/').slice(1)) found = objectIn(found)[decodeURIComponent(key)]
  return objectIn(found)
}

function objectIn(value: Json | undefined): Schema {
  return isSchema(value) ? value : {}
}

function listIn(value: Json | undefined): readonly Json[] {
  return Array.isArray(value) ? value : []
}
