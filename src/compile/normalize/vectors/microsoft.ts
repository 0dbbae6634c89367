import { EMAILS, OWN_IDS, phonesWith, type Vectors } from './vector.ts'

/**
 * The digest that its page on customer lists prints for test@contoso.com (a8e34c39 and so on) is not SHA-256 of that
 * address in any spelling, so it is no vector; the right one is.
 */
export const MICROSOFT: Vectors = {
  'microsoft.email@1': [
    ...EMAILS,
    [
      'test@contoso.com',
      'test@contoso.com',
      {
        digest: 'f25ad364d33972379a7a4f4df33db142205f5c40eb19cfdb2fc5aaf117e10101',
        why: 'not what its page prints',
      },
    ],
    [' Test@Contoso.com', 'test@contoso.com'],
    [
      'a.d.a+news@gmail.com',
      'a.d.a+news@gmail.com',
      { why: 'dots and tags go for its enhanced conversions, not for its lists' },
    ],
    ['ada @example.com', null],
  ],
  'microsoft.phone@1': [...phonesWith('+'), ['425-555-0100', '+14255550100', { country: 'US' }]],
  'microsoft.external_id@1': OWN_IDS,
}
