import type { SettingDefinition, Settings } from '../../src/connector/types.ts'
import { parseTemplate, type Template, wrong } from './template.ts'

/** How a sync of `requests` says what its requests look like. */
export const REQUEST_SETTINGS: Readonly<Record<string, SettingDefinition>> = {
  per: {
    type: 'text',
    default: 'batch',
    description: 'One request for a batch, or for a row: batch or row.',
  },
  method: { type: 'text', default: 'POST', description: 'POST, PUT, PATCH or DELETE.' },
  path: {
    type: 'text',
    default: '',
    description: 'After the url of the destination; per row, {key.NAME} and {field.NAME} stand for values.',
  },
  headers: { type: 'text_map', description: 'Beside those of the destination; no secrets.' },
  body: {
    type: 'text',
    default: '{"changes": "{{changes}}"}',
    description:
      'JSON, in which "{{changes}}" and "{{rows}}" stand for the batch, and per row "{{op}}", "{{key}}", "{{fields}}", "{{key.NAME}}" and "{{field.NAME}}" for values.',
  },
  row: {
    type: 'text',
    default: '{"key": "{{key}}", "fields": "{{fields}}"}',
    description: 'JSON of one row in "{{rows}}", with the names of a row.',
  },
  results: {
    type: 'text',
    description: 'JSON pointer to the list of results, one a row, in the answer to a batch.',
  },
  result_status: {
    type: 'text',
    default: '/status',
    description: 'JSON pointer, in a result, to its status.',
  },
  result_applied: {
    type: 'text',
    default: 'applied',
    description: 'The status of a row that was taken; any other is a rejection.',
  },
  result_error: { type: 'text', default: '/error', description: 'JSON pointer, in a result, to why.' },
  remove_method: { type: 'text', default: 'DELETE', description: 'The method of removals.' },
  remove_path: { type: 'text', description: 'The path of removals; without it nothing can be removed.' },
  remove_body: { type: 'text', description: 'The body of removals; default: none per row, body per batch.' },
}

export interface RequestShape {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly pathSetting: string
  readonly body: Template | undefined
}

export interface ReadSettings {
  readonly isPerRow: boolean
  readonly write: RequestShape
  /** Undefined: nothing can be removed. */
  readonly remove: RequestShape | undefined
  readonly row: Template
  readonly headers: Readonly<Record<string, string>>
  readonly results: string | undefined
  readonly result: { readonly status: string; readonly applied: string; readonly error: string }
}

type Texts = (name: string) => string

/** Throws a DestinationError `stop` that names the setting. */
export function readRequestSettings(settings: Settings): ReadSettings {
  const text: Texts = (name) => String(settings[name] ?? '')
  const isPerRow = oneOf('per', text('per'), ['batch', 'row']) === 'row'
  for (const name of ['results', 'result_status', 'result_error']) checkPointer(name, text(name))
  return {
    isPerRow,
    write: shapeOf(text, ['method', 'path', 'body']),
    remove: settings.remove_path === undefined ? undefined : removalOf(text, isPerRow),
    row: parseTemplate('row', text('row')),
    headers: (settings.headers ?? {}) as Readonly<Record<string, string>>,
    results: settings.results === undefined ? undefined : text('results'),
    result: {
      status: text('result_status'),
      applied: text('result_applied'),
      error: text('result_error'),
    },
  }
}

function checkPointer(name: string, pointer: string): void {
  if (pointer !== '' && !pointer.startsWith('/'))
    throw wrong(
      `expected the setting ${name} to be a JSON pointer such as /results, found one without a slash`,
    )
}

/** A batch of removals looks as one of rows, where nothing else is said. */
function removalOf(text: Texts, isPerRow: boolean): RequestShape {
  const ownBody = text('remove_body') !== '' || isPerRow
  return shapeOf(text, ['remove_method', 'remove_path', ownBody ? 'remove_body' : 'body'])
}

function shapeOf(text: Texts, [method, path, body]: readonly [string, string, string]): RequestShape {
  return {
    ...{ method: oneOf(method, text(method).toUpperCase(), METHODS), path: text(path), pathSetting: path },
    body: text(body) === '' ? undefined : parseTemplate(body, text(body)),
  }
}

const METHODS = ['POST', 'PUT', 'PATCH', 'DELETE'] as const

function oneOf<T extends string>(name: string, value: string, all: readonly T[]): T {
  const found = all.find((one) => one === value)
  if (found !== undefined) return found
  throw wrong(`expected the setting ${name} to be ${all.join(', ')}, found another value`)
}
