/** A value as people write it, and what is hashed of it, or sent where nothing is; null is absent. */
export type Vector = readonly [from: string | null, to: string | null, more?: More | undefined]

interface More {
  /** Of phone numbers written as at home. */
  readonly country?: string
  /** What comes out, to the letter: published by the platform, or hashed before it came. */
  readonly digest?: string
  /** Where it could be otherwise. */
  readonly why?: string
}

export type Vectors = Readonly<Record<string, readonly Vector[]>>

const HASH = 'b4c9a289323b21a01c3e940f150eb9b8c542587f1abfd8f0e1cc1ffc5e475514'

/** Nothing is absent in all its ways, and a hash is never hashed again, whatever the ruleset. */
export const EVERYWHERE: readonly Vector[] = [
  [null, null],
  ['', null],
  [' ', null],
  ['\t \r\n', null],
]

export const HASHED_BEFORE: readonly Vector[] = [
  [HASH, HASH, { digest: HASH }],
  [HASH.toUpperCase(), HASH, { digest: HASH, why: 'hex digits in capitals are the same hash' }],
  [` ${HASH}\n`, HASH, { digest: HASH }],
]

/** Addresses that all platforms bring into the same form. */
export const EMAILS: readonly Vector[] = [
  ...EVERYWHERE,
  ...HASHED_BEFORE,
  ['\u00a0\u3000\u200b', null, { why: 'blanks that only Unicode knows' }],
  ['ada@example.com', 'ada@example.com'],
  [' Ada@Example.COM\r\n', 'ada@example.com'],
  ['\u00a0ada@example.com\u3000', 'ada@example.com', { why: 'no-break and ideographic space' }],
  ['\ufeffada@example.com', 'ada@example.com', { why: 'a byte order mark, as exports of tables have' }],
  ['ad\u200ba@exam\u00adple.com', 'ada@example.com', { why: 'zero-width space, soft hyphen' }],
  ['a.d.a@example.com', 'a.d.a@example.com', { why: 'dots matter outside of Gmail' }],
  ['ADA_%@example.com', 'ada_%@example.com'],
  ["O'Neil@example.com", "o'neil@example.com"],
  ['"ada\\\\"@example.com', '"ada\\\\"@example.com', { why: 'quotes and backslashes are letters as others' }],
  ['ÄDA@EXAMPLE.COM', 'äda@example.com'],
  ['İREM@EXAMPLE.COM.TR', 'irem@example.com.tr', { why: 'one letter to one letter, no dot of its own' }],
  ['straße@example.de', 'straße@example.de', { why: 'not ss' }],
  ['STRAẞE@EXAMPLE.DE', 'straße@example.de'],
  ['ПРИМЕР@ПРИМЕР.РФ', 'пример@пример.рф'],
  ['ΟΔΥΣΣΕΥΣ@EXAMPLE.GR', 'οδυσσευσ@example.gr', { why: 'a sigma at the end is one as others' }],
  ['οδυσσευς@example.gr', 'οδυσσευς@example.gr'],
  ['ada１@example.com', 'ada１@example.com', { why: 'full-width digits stay' }],
  ['ada😀@example.com', 'ada😀@example.com'],
  ['e\u0301va@example.com', 'e\u0301va@example.com', { why: 'an accent of its own is not composed' }],
  [`${'a'.repeat(5000)}@example.com`, `${'a'.repeat(5000)}@example.com`],
  ['ada@localhost', 'ada@localhost'],
  ['ada', null],
  ['@', null],
  ['@example.com', null],
  ['ada@', null],
  ['ada@home@example.com', null],
  ['ada@example.com, bob@example.com', null, { why: 'two in one' }],
  ['ada＠example.com', null, { why: 'a full-width @ is none' }],
  [HASH.slice(1), null, { why: 'a digit less than a hash' }],
  [`${HASH}0`, null, { why: 'a digit more than a hash' }],
  [HASH.replace('b', 'g'), null, { why: 'g is no hex digit' }],
]

/** Phone numbers, of which platforms want the digits with or without a sign before them. */
export function phonesWith(sign: '+' | ''): readonly Vector[] {
  const numbers = NUMBERS.map(
    ([from, digits, more]): Vector => [from, digits === null ? null : sign + digits, more],
  )
  return [...EVERYWHERE, ...HASHED_BEFORE, ...numbers]
}

const NUMBERS: readonly Vector[] = [
  ['+33 6 12 34 56 78', '33612345678'],
  ['0033 6 12 34 56 78', '33612345678'],
  ['06 12 34 56 78', '33612345678', { country: 'FR' }],
  ['06 12 34 56 78', null, { why: 'without a country it could be of any' }],
  ['+33 6 12 34 56 78', '33612345678', { country: 'US' }],
  [
    '+33 (0)6 12 34 56 78',
    '330612345678',
    { why: 'the 0 in brackets cannot be told from one that belongs there' },
  ],
  ['(650) 555-1212', '16505551212', { country: 'US' }],
  ['650.555.1212', '16505551212', { country: 'US' }],
  ['02 1234 5678', '390212345678', { country: 'IT', why: 'Italy keeps its 0' }],
  ['0151 23456789', '4915123456789', { country: 'DE' }],
  ['tel:+44-20-7183-8750', '442071838750'],
  ['+44\u00a020\u20117183\u20118750', '442071838750', { why: 'no-break space and hyphen' }],
  ['\u202a+44 20 7183 8750\u202c', '442071838750', { why: 'marks of direction, as contacts on phones have' }],
  ['＋３３６１２３４５６７８', '33612345678', { why: 'full width' }],
  ['+٣٣٦١٢٣٤٥٦٧٨', '33612345678', { why: 'Arabic digits' }],
  ['"+33"612\\345678', '33612345678'],
  ['☎ +33612345678', '33612345678'],
  ['+12345678', '12345678'],
  ['+123456789012345', '123456789012345'],
  ['+1234567', null, { why: 'fewer than 8 digits' }],
  ['+1234567890123456', null, { why: 'more than 15 digits' }],
  ['+0612345678', null, { why: 'no calling code begins with 0' }],
  ['+0033612345678', null, { why: 'no calling code begins with 0' }],
  ['0', null, { country: 'FR' }],
  ['none', null, { country: 'FR' }],
  [`+336${'1'.repeat(5000)}`, null],
  [`+${'1'.repeat(64)}`, null, { why: 'as many digits as a hash has' }],
]

/** Ids of a device, of which platforms want them as they are, in small letters, or hashed. */
export const NO_MOBILE_IDS: readonly Vector[] = [
  ...EVERYWHERE,
  [
    '00000000-0000-0000-0000-000000000000',
    null,
    { why: 'of a phone whose owner does not want to be followed' },
  ],
  ['aece52e703ee455ab3c4e57283966239', null],
  ['aece52e7-03ee-455a-b3c4-e5728396623', null],
  ['gece52e7-03ee-455a-b3c4-e57283966239', null],
  ['unknown', null],
]

/** Own ids that are sent as they are. */
export const OWN_IDS: readonly Vector[] = [
  ...EVERYWHERE,
  ['user-1', 'user-1'],
  [' User-1\n', 'User-1', { why: 'capitals may matter' }],
  ['42', '42'],
  ['007', '007'],
  ['a b', 'a%20b'],
  ['100%|"x"\\y\tz', '100%25%7C%22x%22%5Cy%09z'],
  ['a\r\nb', 'a%0D%0Ab'],
  ['urn:x:1', 'urn%3Ax%3A1'],
  ['%7C', '%257C', { why: 'what looks escaped is escaped' }],
  ["o'neil", "o'neil"],
  ['Жук-1', 'Жук-1'],
  ['😀', '😀'],
  ['\ufeffx', 'x', { why: 'a byte order mark, as exports of tables have' }],
  ['\u00a0x\u200b', '\u00a0x\u200b', { why: 'no blank of ASCII: part of the id' }],
  [HASH.toUpperCase(), HASH.toUpperCase(), { why: 'nothing is hashed here, so it is an id as others' }],
  ['x'.repeat(5000), 'x'.repeat(5000)],
]

/** Own ids that are hashed. */
export const OWN_IDS_HASHED: readonly Vector[] = [
  ...EVERYWHERE,
  ...HASHED_BEFORE,
  ['user-1', 'user-1'],
  [' User-1\n', 'User-1', { why: 'capitals may matter' }],
  ['42', '42'],
  ['a b|c%', 'a b|c%'],
  ['Жук "1"\\', 'Жук "1"\\'],
  ['\ufeffx', 'x', { why: 'a byte order mark, as exports of tables have' }],
  ['\u00a0x', '\u00a0x', { why: 'no blank of ASCII: part of the id' }],
  ['x'.repeat(5000), 'x'.repeat(5000)],
]

/** Codes of countries, in small letters. */
export const COUNTRIES: readonly Vector[] = [
  ...EVERYWHERE,
  ['fr', 'fr'],
  [' Fr\n', 'fr'],
  ['FR', 'fr'],
  ['\u00a0DE\u00a0', 'de'],
  ['FRA', null, { why: 'a code of three letters' }],
  ['France', null],
  ['F', null],
  ['F1', null],
  ['ФР', null, { why: 'letters of Russian' }],
  ['ＦＲ', null, { why: 'full-width letters' }],
]
