import type { Settings } from '../../src/connector/types.ts'
import { stop } from './api.ts'

/** Which account the data is for, and by which others it is reached. */
export interface Accounts {
  /** `GOOGLE_ADS/1234567890`. */
  readonly name: string
  /** Path of what the account has: its lists. */
  readonly path: string
  /** Of requests about lists; those with data say it in their destination. */
  readonly headers: Readonly<Record<string, string>>
  /** One list or conversion action of it. */
  destination(productDestinationId: string): object
}

/** Throws `stop` for settings that name no account. */
export function accountsOf(settings: Settings): Accounts {
  const operating = accountOf(settings, 'account')
  if (operating === undefined) throw stop('expected account_id, found none')
  const login = accountOf(settings, 'login_account')
  const linked = accountOf(settings, 'linked_account')
  return {
    name: `${operating.accountType}/${operating.accountId}`,
    path: `/v1/${resource(operating)}`,
    headers: {
      ...(login === undefined ? {} : { 'login-account': resource(login) }),
      ...(linked === undefined ? {} : { 'linked-account': resource(linked) }),
    },
    destination: (productDestinationId) => ({
      operatingAccount: operating,
      ...(login === undefined ? {} : { loginAccount: login }),
      ...(linked === undefined ? {} : { linkedAccount: linked }),
      productDestinationId,
    }),
  }
}

interface Account {
  readonly accountType: string
  readonly accountId: string
}

function accountOf(settings: Settings, name: string): Account | undefined {
  const given = settings[`${name}_id`]
  if (given === undefined) return undefined
  // As the pages of Google Ads write it.
  const accountId = String(given).replaceAll(/[\s-]/g, '')
  if (!/^\d+$/.test(accountId))
    throw stop(`expected ${name}_id to be the number of an account, found "${String(given)}"`)
  const accountType = String(settings[`${name}_type`] ?? 'GOOGLE_ADS').toUpperCase()
  if (!TYPES.has(accountType))
    throw stop(`expected ${name}_type to be one of ${[...TYPES].join(', ')}, found "${accountType}"`)
  return { accountType, accountId }
}

/** Those that people can be sent to, or that reach one. */
const TYPES: ReadonlySet<string> = new Set([
  'GOOGLE_ADS',
  'DISPLAY_VIDEO_ADVERTISER',
  'DISPLAY_VIDEO_PARTNER',
  'DATA_PARTNER',
])

function resource({ accountType, accountId }: Account): string {
  return `accountTypes/${accountType}/accounts/${accountId}`
}
