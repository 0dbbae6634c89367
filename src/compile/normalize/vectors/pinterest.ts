import { EMAILS, HASHED_BEFORE, NO_MOBILE_IDS, type Vectors } from './vector.ts'

export const PINTEREST: Vectors = {
  'pinterest.email@1': [
    ...EMAILS,
    [
      'a.d.a+news@gmail.com',
      'a.d.a+news@gmail.com',
      { why: 'it says small letters, and nothing of dots or tags' },
    ],
    ['ada @example.com', null],
  ],
  'pinterest.mobile_id@1': [
    ...NO_MOBILE_IDS,
    ...HASHED_BEFORE,
    ['aece52e7-03ee-455a-b3c4-e57283966239', 'aece52e7-03ee-455a-b3c4-e57283966239'],
    [
      'EA7583CD-A667-48BC-B806-42ECB2B48606',
      'ea7583cd-a667-48bc-b806-42ecb2b48606',
      { why: 'it does not say which case; small letters, as it wants of addresses' },
    ],
  ],
}
