import { COUNTRIES, EMAILS, EVERYWHERE, NO_MOBILE_IDS, type Vector, type Vectors } from './vector.ts'

const NAMES: readonly Vector[] = [
  ...EVERYWHERE,
  ['Ada', 'Ada', { why: 'as on a profile, in capitals too' }],
  [' Ada Maria\n', 'Ada%20Maria'],
  ['van der Berg', 'van%20der%20Berg'],
  ['Saint\u00a0Étienne', 'Saint%20Étienne'],
  ["O'Neil", "O'Neil"],
  ['Smith, Jr.', 'Smith,%20Jr.'],
  ['"Ada" | 100% \\', '%22Ada%22%20%7C%20100%25%20%5C'],
  ['Жанна', 'Жанна'],
  ['ΝΙΚΟΣ', 'ΝΙΚΟΣ'],
  ['İpek', 'İpek'],
  ['😀', '😀'],
  ['\ufeff', null],
]

export const LINKEDIN: Vectors = {
  'linkedin.email@1': [
    ...EMAILS,
    ['a.d.a+news@gmail.com', 'a.d.a+news@gmail.com'],
    ['ada @example.com', null],
  ],
  'linkedin.first_name@1': NAMES,
  'linkedin.last_name@1': NAMES,
  'linkedin.country@1': COUNTRIES.map(
    ([from, to, more]) => [from, to === null ? null : to.toUpperCase(), more] as const,
  ),
  'linkedin.mobile_id@1': [
    ...NO_MOBILE_IDS,
    [
      'aece52e7-03ee-455a-b3c4-e57283966239',
      'aece52e7-03ee-455a-b3c4-e57283966239',
      { why: 'plain, as its API wants it' },
    ],
  ],
}
