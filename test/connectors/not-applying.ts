/**
 * Where a connector does not do what the case asks, for a reason of its API's and not of ours. The suite runs these all
 * the same and fails when one of them passes. What a manifest says by itself (no removal, no jobs) is not listed here.
 */
export interface NotApplying {
  readonly connector: string
  /** Undefined: all of them. With ` in bulk`, where only that way is meant. */
  readonly object?: string
  /** The case's `id`. */
  readonly case: string
  /** For people who read docs/conformance.md. */
  readonly why: string
}

/** Objects to which a field is whatever is sent: none is unknown. */
const ANY_FIELD: Readonly<Record<string, string>> = {
  http: 'the endpoint is your own: it takes any field',
  file: 'a file takes any field',
  command: 'the program is your own: it takes any field',
  jobs: 'it takes any field',
  slack: 'fields are not sent',
  klaviyo: 'a field that is no attribute of Klaviyo is a custom property',
  braze: 'a field that is no attribute of Braze is a custom attribute',
  customerio: 'any field is an attribute',
  iterable: 'Iterable makes a field that is new',
}

export const NOT_APPLYING: readonly NotApplying[] = [
  ...[
    ...['empty diff', 'removal of a row', '401 once', '401 twice', 'one bad row', 'all bad'],
    ...['adds', 'changes', 'removal', 'unicode and null', 'full batch'],
  ].map(
    (id): NotApplying => ({
      connector: 'slack',
      case: id,
      why: 'it holds messages that count rows, and no row; see test/connectors/slack.test.ts',
    }),
  ),
  ...Object.entries(ANY_FIELD).map(([connector, why]) => ({ connector, case: 'unknown field', why })),
  {
    connector: 'zendesk',
    object: 'users',
    case: 'job failed, refused',
    why: 'Zendesk refuses rows one by one: a job of its that fails broke, and is started again',
  },
  {
    connector: 'google-sheets',
    case: 'a redirect to another host',
    why: 'it reads first, and a read follows redirects without its credentials',
  },
  {
    connector: 'google-ads',
    case: 'job partial',
    why: 'Google counts the records that it did not take, and names none of them',
  },
  {
    connector: 'google-ads',
    case: 'job failed, refused',
    why: 'Google says that it refused each record: all rows are rejected at once, and none is tried again',
  },
  ...['one bad row', 'all bad'].flatMap((id): readonly NotApplying[] => [
    { connector: 'file', case: id, why: 'a file takes every row' },
  ]),
  ...['one bad row', 'all bad'].map(
    (id): NotApplying => ({
      connector: 'pinterest',
      case: id,
      why: 'Pinterest counts what it does not take, and refuses nobody by name',
    }),
  ),
  ...['linkedin', 'microsoft-ads'].map(
    (connector): NotApplying => ({
      connector,
      case: 'invalid entries',
      why: 'it names each identifier that it does not take',
    }),
  ),
  {
    connector: 'customerio',
    object: 'people',
    case: 'byte cap',
    why: 'an attribute of a person holds at most 1,000 bytes, so 500 rows seldom fill a request',
  },
  ...[
    ...['job slow', 'job failed, to be started again', 'job failed, refused', 'job partial', 'job forgotten'],
    ...['job of another process', 'job started twice', 'job question unanswered', 'kill'],
  ].map(
    (id): NotApplying => ({
      connector: 'tiktok',
      object: 'audience',
      case: id,
      why: 'TikTok answers at once, and has no jobs: one is what finds the audience at work; see its own tests',
    }),
  ),
  {
    connector: 'tiktok',
    object: 'audience',
    case: 'invalid entries',
    why: 'TikTok counts nothing when it takes a file',
  },
  {
    connector: 'tiktok',
    object: 'audience',
    case: 'removal of a row',
    why: 'who would leave fewer than 1,000 behind is held by the engine',
  },
  ...['one bad row', 'all bad'].map(
    (id): NotApplying => ({
      connector: 'tiktok',
      object: 'audience',
      case: id,
      why: 'a hash is a hash: TikTok refuses none of them',
    }),
  ),
  ...['one bad row', 'all bad'].map(
    (id): NotApplying => ({
      connector: 'meta',
      object: 'audience',
      case: id,
      why: 'Meta only counts what it does not take, and what is no hash is not sent',
    }),
  ),
]
