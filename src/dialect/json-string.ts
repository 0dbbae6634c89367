import { call } from './common.ts'
import { type Fragment, lit, sql } from './fragment.ts'

/**
 * JSON text of a text as JavaScript writes it, for engines without a function that does. Few texts hold a control
 * character, so `hasControl` is asked first.
 */
export function jsonString(text: Fragment, hasControl: Fragment): Fragment {
  const plain = replaced(text, [
    ['\\', '\\\\'],
    ['"', '\\"'],
  ])
  const whole = CONTROLS.reduce(
    (inner, [code, escaped]) => sql`replace(${inner}, chr(${code}), ${lit(escaped)})`,
    plain,
  )
  return sql`('"' || case when ${hasControl} then ${whole} else ${plain} end || '"')`
}

function replaced(text: Fragment, pairs: readonly (readonly [string, string])[]): Fragment {
  return pairs.reduce((inner, [from, to]) => call('replace', inner, lit(from), lit(to)), text)
}

const CONTROLS: readonly (readonly [code: number, escaped: string])[] = Array.from(
  { length: 31 },
  (_, index) => [index + 1, JSON.stringify(String.fromCharCode(index + 1)).slice(1, -1)],
)
