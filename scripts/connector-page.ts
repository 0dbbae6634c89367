import type { AuthMethod, Manifest, ObjectDefinition, SettingDefinition } from '../src/connector/types.ts'

/** What each label says of how far a connector was checked. */
export const LABELS: Readonly<Record<Manifest['verification'], string>> = {
  generic: 'there is no vendor; this page is the contract.',
  'spec-verified': "every request that the tests send fits the vendor's own description of its API.",
  'derived-verified': 'the same, against a description that others derived.',
  'doc-verified': "written by the vendor's documentation only.",
}

/** The page of a connector: what its manifest says, an example, and the README of its folder. */
export function connectorPage(manifest: Manifest, readme: string): string {
  const { name, title, verification } = manifest
  return `${[
    `# ${title}`,
    `<!-- Written by \`npm run docs\` from connectors/${name}/manifest.ts and README.md: change those. -->`,
    `Connector \`${name}\`. Checked: **${verification}**, ${LABELS[verification]} It has met no live account.`,
    fenced(`yaml title=${name}.yml`, exampleOf(manifest)),
    ...credentials(manifest),
    '## Settings of the destination',
    settingsTable(manifest.settings),
    ...Object.entries(manifest.objects).flatMap(([object, definition]) => objectPart(object, definition)),
    ...limits(manifest),
    notesOf(readme, name),
    ...sources(manifest),
  ]
    .filter((part) => part !== '')
    .join('\n\n')}\n`
}

/** The table of all connectors. */
export function connectorTable(manifests: readonly Manifest[]): string {
  return table(
    ['connector', 'writes to', 'objects', 'checked'],
    manifests.map(({ name, title, objects, verification }) => [
      `[\`${name}\`](connectors/${name}.md)`,
      title,
      Object.keys(objects).map(objectName).join(', '),
      `\`${verification}\``,
    ]),
  )
}

function objectName(object: string): string {
  return object === '*' ? 'any other, by its own name' : `\`${object}\``
}

/** A project's worth of YAML: the destination with what it needs, and a sync of its first object. */
export function exampleOf(manifest: Manifest): string {
  const { name } = manifest
  // Names of a project have no dashes.
  const destination = name.replaceAll('-', '_')
  const [object = '', definition] = Object.entries(manifest.objects)[0] ?? []
  const needed = new Set([
    ...Object.entries(manifest.settings).flatMap(([key, one]) => (one.required === true ? [key] : [])),
    ...(manifest.auth?.[0]?.needs ?? []),
  ])
  const settings = [...needed].map(
    (key) => [key, settingValue(key, variableOf(name, key), manifest.settings[key])] as const,
  )
  const own = Object.entries(definition?.settings ?? {}).flatMap(([key, one]) =>
    one.required === true ? [[key, settingValue(key, `your_${key}`, one)] as const] : [],
  )
  const key = definition?.keys?.[0] ?? 'email'
  const found = Object.keys(definition?.identifiers?.alone ?? {})[0]
  return [
    'destinations:',
    `  - name: ${destination}`,
    `    connector: ${name}`,
    ...(settings.length === 0
      ? []
      : ['    settings:', ...settings.map(([one, value]) => `      ${one}: ${value}`)]),
    'syncs:',
    `  - name: vips_to_${destination}`,
    '    segment: lapsing_vips',
    `    to: ${destination}.${object === '*' ? (definition?.example?.object ?? 'records') : object}`,
    ...(definition?.modes.includes('upsert') === true ? [] : [`    mode: ${definition?.modes[0]}`]),
    `    match: { ${key}: ${found === undefined ? 'email' : 'customer_id'} }`,
    ...(found === undefined ? [] : [`    identifiers: { ${found}: ${found} }`]),
    ...(definition?.membersOnly === true || definition?.identifiers !== undefined
      ? []
      : [`    map: { ${definition?.example?.field ?? 'first_name'}: first_name }`]),
    ...(own.length === 0 ? [] : ['    settings:', ...own.map(([one, value]) => `      ${one}: ${value}`)]),
  ].join('\n')
}

/** Settings of a sync read no variables. */
function variableOf(connector: string, key: string): string {
  return `"\${${`${connector}_${key}`.toUpperCase().replaceAll('-', '_')}}"`
}

function settingValue(key: string, value: string, definition: SettingDefinition | undefined): string {
  if (definition?.type === 'text_list') return `[${value}]`
  if (definition?.type === 'text_map') return `{ ${key}: ${value} }`
  return value
}

function credentials({ auth = [] }: Manifest): readonly string[] {
  if (auth.length === 0) return []
  const ways = auth.map((method) => `- ${list(method.needs.map(code))}: ${wayOf(method)}`)
  const which = auth.length === 1 ? '' : 'The first one whose settings are all given is taken.\n\n'
  return ['## Who asks', `${which}${ways.join('\n')}`]
}

function wayOf(method: AuthMethod): string {
  if (method.kind === 'header') return `sent with every request, in the header \`${method.name}\`.`
  if (method.kind === 'basic') return 'sent with every request, as user and password (HTTP Basic).'
  const grant = method.form.grant_type ?? 'oauth2'
  const signed = method.jwt === undefined ? '' : ' with an assertion that is signed here'
  return `exchanged${signed} for a token (OAuth 2, \`${grant}\`), which is renewed before it ends and when it is refused.`
}

function settingsTable(settings: Readonly<Record<string, SettingDefinition>>): string {
  return table(
    ['setting', 'type', 'default', 'what it is'],
    Object.entries(settings).map(([name, one]) => [
      code(name),
      one.secret === true ? `${one.type}, secret` : one.type,
      one.required === true ? 'needed' : one.default === undefined ? '' : code(String(one.default)),
      one.description,
    ]),
  )
}

function objectPart(object: string, definition: ObjectDefinition): readonly string[] {
  const { settings, fields } = definition
  return [
    `## ${object === '*' ? 'Any other object' : `Object \`${object}\``}`,
    definition.description,
    table(
      ['', ''],
      factsOf(definition).map(([fact, value]) => [fact, value]),
    ),
    ...(settings === undefined ? [] : ['Settings of a sync:', settingsTable(settings)]),
    ...(fields === undefined ? [] : ['Fields for `map`:', fieldsTable(fields)]),
  ]
}

function fieldsTable(fields: NonNullable<ObjectDefinition['fields']>): string {
  return table(
    ['field', 'needed', 'what it is'],
    Object.entries(fields).map(([name, { required, description }]) => [
      code(name),
      required === true ? 'yes' : '',
      description,
    ]),
  )
}

function factsOf(one: ObjectDefinition): readonly (readonly [string, string])[] {
  const { maxItems, maxBytes, itemsSetting } = one.batch
  const lowered = itemsSetting === undefined ? '' : `; ${code(itemsSetting)} may lower it`
  return [
    ['key (`match`)', one.keys === undefined ? 'any field' : list(one.keys.map(code), 'or')],
    ...normalized(one),
    ...people(one),
    ['modes', list(one.modes.map(code))],
    ['one that leaves', one.removal ?? REMOVALS[one.remove]],
    ['erasure', one.erasure ?? 'not by Sluice'],
    ['one batch', `at most ${number(maxItems)} rows and ${number(maxBytes)} bytes${lowered}`],
    ...(one.bulk === undefined
      ? []
      : [
          [
            'large plans',
            `of more than ${number(one.bulk.aboveRows)} rows go out as jobs of ${number(one.bulk.maxItems)}`,
          ] as const,
        ]),
    ['answers', one.async === true ? 'later: each batch is a job' : 'at once'],
    ['the same batch twice', one.idempotent ? 'leaves the same state' : 'may double what it did'],
    ...(one.membersOnly === true ? [['fields', 'none: it only holds who is in'] as const] : []),
    ...(one.wholeRows === true
      ? [['`fields: changed`', 'refused: a row is replaced by what is sent'] as const]
      : []),
  ]
}

const REMOVALS: Readonly<Record<ObjectDefinition['remove'], string>> = {
  delete: 'is deleted, with `on_remove: delete` or `mode: mirror`',
  clear: 'loses its mapped fields, with `on_remove: clear`',
  none: 'stays as it is',
}

/** How people are found, and what is to know of an audience or of events. */
function people({ identifiers, audience, eventsWithinDays: days }: ObjectDefinition) {
  const { alone = {}, together = {}, details = {}, orFields = [] } = identifiers ?? {}
  const parts = Object.values(together).map((one) => list(Object.keys(one).map(code)))
  const ways = [
    ...Object.keys(alone).map(code),
    ...parts.map((one) => `${one} together`),
    ...orFields.map(code),
  ]
  const facts: readonly (readonly [string, string, boolean])[] = [
    ['people are found by', list(ways, 'or'), ways.length > 0],
    ['told beside them', list(Object.keys(details).map(code)), Object.keys(details).length > 0],
    ['smallest audience', smallest(audience), audience !== undefined],
    ['events', `of the last ${days} days`, days !== undefined],
  ]
  return facts.flatMap(([fact, value, isTold]) => (isTold ? [[fact, value] as const] : []))
}

function smallest(audience: ObjectDefinition['audience']): string {
  if (audience === undefined) return ''
  const people = `${number(audience.fewest)} people`
  return audience.keepsFewest === true
    ? `${people}: the run warns of fewer, and who would leave fewer behind is held`
    : `${people}: the run warns of fewer`
}

function normalized({ keyNormalizers }: ObjectDefinition): readonly (readonly [string, string])[] {
  const told = Object.entries(keyNormalizers).flatMap(([key, rule]) =>
    rule === 'none' ? [] : [`${code(key)} trimmed and in lower case`],
  )
  return told.length === 0 ? [] : [['keys are compared', list(told)]]
}

function limits({ limits: all, objects, apiVersion }: Manifest): readonly string[] {
  const told = [
    ...(apiVersion === undefined ? [] : [`- Version of the API that requests name: ${code(apiVersion)}.`]),
    ...limitLines(all, 'of one account'),
    ...Object.entries(objects).flatMap(([object, one]) => limitLines(one.limits, `of ${objectName(object)}`)),
  ]
  return told.length === 0 ? [] : ['## Limits', told.join('\n')]
}

function limitLines(of: Manifest['limits'], whose: string): readonly string[] {
  const { requestsPerSecond: rate, inFlight } = of ?? {}
  return [
    ...(rate === undefined ? [] : [`- At most ${rate} requests a second ${whose}.`]),
    ...(inFlight === undefined ? [] : [`- At most ${inFlight} at once ${whose}.`]),
  ]
}

/** What stands in the README below its title, with links that lead to the same files from here. */
function notesOf(readme: string, connector: string): string {
  const notes = readme
    .replace(/^# .*\n+/, '')
    .replaceAll(/\]\((?![a-z]+:|#)([^)]+)\)/g, (_, path: string) => `](${fromDocs(path, connector)})`)
    .trim()
  // Prose that follows on the limits would look like more of them.
  return notes === '' || notes.startsWith('## ') ? notes : `## Good to know\n\n${notes}`
}

function fromDocs(path: string, connector: string): string {
  const docs = /^\.\.\/\.\.\/docs\/(.*)$/.exec(path)
  if (docs !== null) return `../${docs[1]}`
  return path.startsWith('../')
    ? `../../connectors/${path.slice(3)}`
    : `../../connectors/${connector}/${path}`
}

function sources({ sources: pages = [] }: Manifest): readonly string[] {
  if (pages.length === 0) return []
  return ['## Written from', pages.map(({ url, read }) => `- <${url}> (read ${read})`).join('\n')]
}

export function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const all = [headings, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')))
  const widths = headings.map((_, column) => Math.max(3, ...all.map((row) => (row[column] ?? '').length)))
  const line = (row: readonly string[]) =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(all[0] ?? []), rule, ...all.slice(1).map(line)].join('\n')
}

function fenced(words: string, text: string): string {
  return `\`\`\`${words}\n${text}\n\`\`\``
}

function list(words: readonly string[], last = 'and'): string {
  if (words.length <= 1) return words.join('')
  return `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1)}`
}

function code(text: string): string {
  return `\`${text}\``
}

function number(value: number): string {
  return value.toLocaleString('en-US')
}
