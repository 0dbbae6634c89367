import { EMAILS, HASHED_BEFORE, NO_MOBILE_IDS, OWN_IDS_HASHED, phonesWith, type Vectors } from './vector.ts'

/**
 * Digests are those of TikTok's page on customer files. The one that it prints for a phone number
 * (65b7e6dcf6f4310f8d7cbfbd78289a753062fb054d6664fb9aaac5df66a422d4) is of neither of the two numbers beside it.
 */
export const TIKTOK: Vectors = {
  'tiktok.email@1': [
    ...EMAILS,
    [
      'janedoe@gmail.com',
      'janedoe@gmail.com',
      { digest: 'd6117306485ed0e50afab3ac871e98f81699151f30281527d63ff5f233656c69' },
    ],
    [
      'JaneDoe+news@gmail.com',
      'janedoe@gmail.com',
      { why: 'pages of 2024 and 2025 take tags out of every domain, the newest is silent' },
    ],
    ['user.name+NYC@Example.com', 'user.name@example.com', { why: 'of every domain, unlike Google' }],
    ['jane.doe@gmail.com', 'jane.doe@gmail.com', { why: 'only pages up to 2024 took dots out' }],
    ['jane+a+b@example.com', 'jane@example.com'],
    ['jane doe @example.com', 'janedoe@example.com'],
    ['+tag@example.com', null, { why: 'nothing is left before the @' }],
  ],
  'tiktok.phone@1': [
    ...phonesWith('+'),
    [
      '(657)777-0000',
      '+16577770000',
      { country: 'US', why: 'with +, as its newest page says; that of August 2025 had none' },
    ],
    ['+374-93-828222', '+37493828222'],
  ],
  'tiktok.mobile_id@1': [
    ...NO_MOBILE_IDS,
    ...HASHED_BEFORE,
    [
      '5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25',
      '5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25',
      { digest: '83dc3f5f32b9472613b0f038d36f22585a609d018af6f6067f50da318bf354bd' },
    ],
    [
      ' 5F3A2B18-9C4D-4E7F-B8E2-17D3A1E69B25',
      '5f3a2b18-9c4d-4e7f-b8e2-17d3a1e69b25',
      { why: 'it takes either case, if it is one' },
    ],
  ],
  'tiktok.external_id@1': OWN_IDS_HASHED,
}
