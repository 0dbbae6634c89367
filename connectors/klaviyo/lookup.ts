import type { Api } from '../../src/connector/api.ts'
import { idIn, objectIn } from '../../src/connector/shapes.ts'
import type { Batch, Change } from '../../src/connector/types.ts'
import { allPages, FILTER_LENGTH, PAGE } from './api.ts'
import { type Attributes, identifierOf, sameIdentifier } from './profile.ts'

export interface FoundProfile {
  readonly id: string
  readonly attributes: Attributes
}

/** Those of the keys that Klaviyo has a profile for. `names`: what is wanted of it. */
export async function profilesBy<T extends { readonly key: Change['key'] }>(
  api: Api,
  wanted: readonly T[],
  names: readonly string[],
  batch?: Batch,
): Promise<ReadonlyMap<T, FoundProfile>> {
  const found = new Map<T, FoundProfile>()
  for (const [name, members] of byIdentifier(wanted))
    for (const part of parts([...members])) {
      const profiles = await allPages(api, {
        method: 'GET',
        path: '/api/profiles',
        query: {
          filter: `any(${name},${JSON.stringify(part.map(([text]) => text))})`,
          'fields[profile]': [...new Set([name, ...names])].join(','),
          'page[size]': PAGE,
        },
        ...(batch === undefined ? {} : { batch }),
      })
      const byText = new Map(profiles.flatMap((profile) => foundBy(name, profile)))
      for (const [text, one] of part) {
        const profile = byText.get(sameIdentifier(name, text))
        if (profile !== undefined) found.set(one, profile)
      }
    }
  return found
}

type Named<T> = readonly [text: string, one: T]

function byIdentifier<T extends { readonly key: Change['key'] }>(
  wanted: readonly T[],
): ReadonlyMap<string, readonly Named<T>[]> {
  const groups = new Map<string, Named<T>[]>()
  for (const one of wanted) {
    const { name, text } = identifierOf(one.key)
    groups.set(name, [...(groups.get(name) ?? []), [text, one]])
  }
  return groups
}

/** As many as one filter takes. */
function parts<T>(members: readonly Named<T>[]): readonly (readonly Named<T>[])[] {
  const all: Named<T>[][] = []
  let length = 0
  for (const member of members) {
    const more = encodeURIComponent(member[0]).length
    const last = all.at(-1)
    if (last === undefined || last.length === PAGE || length + more > FILTER_LENGTH) {
      all.push([member])
      length = more
    } else {
      last.push(member)
      length += more
    }
  }
  return all
}

function foundBy(name: string, profile: Attributes): readonly (readonly [string, FoundProfile])[] {
  const id = idIn(profile.id)
  const attributes = objectIn(profile.attributes)
  const text = attributes[name]
  if (id === undefined || typeof text !== 'string') return []
  return [[sameIdentifier(name, text), { id, attributes }]]
}
