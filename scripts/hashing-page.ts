import { RULESETS, type Ruleset } from '../src/compile/normalize/rulesets.ts'
import { table } from './connector-page.ts'

/** A table for each platform: what is sent of an identifier, and in which form. */
export function hashingTables(): string {
  const byPlatform = Map.groupBy(RULESETS.values(), ({ name }) => name.split('.')[0] ?? '')
  return [...byPlatform]
    .map(([platform, rulesets]) => `### ${TITLES[platform]}\n\n${tableOf(rulesets)}`)
    .join('\n\n')
}

const TITLES: Readonly<Record<string, string>> = {
  google: 'Google',
  meta: 'Meta',
  tiktok: 'TikTok',
  pinterest: 'Pinterest',
  microsoft: 'Microsoft',
  linkedin: 'LinkedIn',
}

function tableOf(rulesets: readonly Ruleset[]): string {
  return table(
    ['identifier', 'sent', 'value', 'ruleset'],
    rulesets.map(({ name, isHashed, says }) => [
      `\`${/\.(\w+)@/.exec(name)?.[1]}\``,
      isHashed ? 'hashed' : '**plain**',
      says,
      `\`${name}\``,
    ]),
  )
}
