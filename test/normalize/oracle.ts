import { createHash } from 'node:crypto'
import { CALLING_CODES } from '../../src/compile/normalize/calling-codes.ts'

/** What a ruleset makes of a text by the words of docs/hashing.md, in TypeScript and without a look at its SQL. */
export function oracleOf(ruleset: string, text: string, country: string | undefined): string | null {
  const kind = ruleset.replace(/^\w+\.|@\d+$/g, '')
  const platform = ruleset.split('.')[0] ?? ''
  if (AS_IT_IS.has(ruleset)) return plain(ownId(text))
  if (PLAIN.has(ruleset)) return plain(plainForm(kind, platform, tidied(text)))
  if (kind === 'external_id') return hashedUnlessHash(ownId(text), ownId(text))
  const small = lower(
    kind === 'email' && hasNoBlanks(platform) ? tidied(text).replaceAll(' ', '') : tidied(text),
  )
  const whole = ruleset === 'google.last_name@1' ? withoutSuffixes(small) : small
  return hashedUnlessHash(whole, hashedForm(kind, platform, small, country))
}

const AS_IT_IS = new Set(['google.external_id@1', 'microsoft.external_id@1'])

const PLAIN = new Set([
  'google.zip@1',
  'google.country@1',
  'google.mobile_id@1',
  'meta.mobile_id@1',
  'linkedin.first_name@1',
  'linkedin.last_name@1',
  'linkedin.country@1',
  'linkedin.mobile_id@1',
])

function plainForm(kind: string, platform: string, text: string): string | null {
  switch (kind) {
    case 'country':
      return /^[A-Z]{2}$/.test(upper(text)) ? upper(text) : null
    case 'mobile_id':
      return mobileId(platform === 'meta' ? lower(text) : text)
    default:
      return text
  }
}

function hashedForm(
  kind: string,
  platform: string,
  text: string,
  country: string | undefined,
): string | null {
  switch (kind) {
    case 'email':
      return email(platform, text)
    case 'phone':
      return phone(platform === 'meta' ? '' : '+', text, country)
    case 'first_name':
      return platform === 'google'
        ? text.replace(/^(?:(?:mrs?|ms|dr)\. +|(?:mrs?|ms|dr)\.$)/, '')
        : letters(text)
    case 'last_name':
      return platform === 'google' ? withoutSuffixes(text) : letters(text)
    case 'city':
    case 'state':
      return letters(text)
    case 'zip':
      return text.replaceAll(' ', '').split('-')[0] ?? null
    case 'country':
      return /^[a-z]{2}$/.test(text) ? text : null
    case 'mobile_id':
      return mobileId(text)
    case 'gender':
      return /^(?:m|male|man)$/.test(text) ? 'm' : /^(?:f|female|woman)$/.test(text) ? 'f' : null
    default:
      return birth(kind, text)
  }
}

function hasNoBlanks(platform: string): boolean {
  return platform === 'google' || platform === 'tiktok'
}

function email(platform: string, text: string): string | null {
  const pieces = text.split('@')
  let [local = '', domain = ''] = pieces
  if (pieces.length !== 2 || local === '' || domain === '' || text.includes(' ')) return null
  if (platform === 'google' && /^(?:gmail|googlemail)\.com$/.test(domain))
    local = (local.split('+')[0] ?? '').replaceAll('.', '')
  if (platform === 'tiktok') local = local.split('+')[0] ?? ''
  if (platform === 'meta') {
    local = local.replace(/^\.+/, '')
    domain = domain.replace(/\.+$/, '')
  }
  return local === '' || domain === '' ? null : `${local}@${domain}`
}

function phone(sign: '+' | '', text: string, country: string | undefined): string | null {
  if ([...text].length >= 64) return null
  const ascii = text.replaceAll('＋', '+').replaceAll(OTHER_DIGITS, (digit) => String(digitIn(digit)))
  const digits = ascii.replaceAll(/[^0-9]/g, '')
  let whole = digits
  if (/^[^0-9]*\+/.test(ascii)) whole = digits
  else if (digits.startsWith('00')) whole = digits.slice(2)
  else if (country === undefined) return null
  else whole = `${CALLING_CODES.get(country)}${country === 'IT' ? digits : digits.replace(/^0/, '')}`
  return /^[1-9][0-9]{7,14}$/.test(whole) ? sign + whole : null
}

const OTHER_DIGITS = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\uff10-\uff19]/g

/** Digits of a writing stand one after the other, from 0 on. */
function digitIn(digit: string): number {
  const code = digit.charCodeAt(0)
  const zero = [0x0660, 0x06f0, 0x0966, 0xff10].find((first) => code >= first && code < first + 10) ?? code
  return code - zero
}

/** By classes of Unicode, where the SQL has a list. */
function letters(text: string): string {
  return text.replaceAll(/[\p{P}\p{N}\p{Z}\p{Sc}\p{Sm}\p{Sk}\u200c\u200d]/gu, '')
}

function withoutSuffixes(text: string): string {
  const suffix = / +(?:[js]r\.?|2nd|3rd|iii?|iv|vi?|cpa|dc|dds|vm|jd|md|phd)$/
  let name = text
    .replaceAll(',', ' ')
    .replaceAll('  ', ' ')
    .replace(/^ +| +$/g, '')
  for (let round = 0; round < 3; round += 1) name = name.replace(suffix, '')
  return name
}

function birth(kind: string, text: string): string | null {
  const date = /^((?:19|20)\d\d)[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])(?:[t ].*)?$/.exec(text)
  const [, year = '', month = '', day = ''] = date ?? []
  if (kind === 'birth_year' && /^(?:19|20)\d\d$/.test(text)) return text
  if (date === null) return null
  return { birth_year: year, birth_month: month, birth_day: day }[kind] ?? year + month + day
}

function mobileId(text: string): string | null {
  const isOne = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
  return isOne && /[^0-]/.test(text) ? text : null
}

function hashedUnlessHash(text: string, form: string | null): string | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return text.toLowerCase()
  return form === null || form === '' ? null : createHash('sha256').update(form).digest('hex')
}

function plain(text: string | null): string | null {
  if (text === null || text === '') return null
  return text.replaceAll(
    /[% :|"\\\t\n\r]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
}

function tidied(text: string): string {
  return trimmed(
    text
      .replaceAll(/[\t-\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g, ' ')
      .replaceAll(/[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g, ''),
  )
}

function ownId(text: string): string {
  return trimmed(text.replaceAll('\ufeff', ''))
}

function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n]+|[ \t\r\n]+$/g, '')
}

/** One letter to one letter. */
function lower(text: string): string {
  return [...text].map((letter) => (letter === 'İ' ? 'i' : letter.toLowerCase())).join('')
}

function upper(text: string): string {
  return [...text]
    .map((letter) => ([...letter.toUpperCase()].length === 1 ? letter.toUpperCase() : letter))
    .join('')
}
