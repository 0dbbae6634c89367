import { FakeRefusal, type Json, known, list, oneOf, text } from './fake-refusal.ts'

/** What finds somebody: `email:<hash>`, with the parts of an address between `|`. */
export type Found = readonly [kind: string, value: string]

/** What a member of an audience has, and of which kind of list it is. */
export function membersIn(
  value: unknown,
  encoding: unknown,
): { readonly keyType: string; readonly found: Found[][] } {
  const members = list(value, MOST_MEMBERS, 'TOO_MANY_AUDIENCE_MEMBERS', 'audience_members')
  const read = members.map((member, index) => {
    const at = `audience_members.audience_members[${index}]`
    const one = known(member, ['consent', ...Object.keys(KEY_TYPES)], at)
    checkConsent(one.consent, `${at}.consent`)
    const [kind, ...others] = Object.keys(KEY_TYPES).filter((name) => one[name] !== undefined)
    if (kind === undefined || others.length > 0) throw new FakeRefusal('INVALID_AUDIENCE_MEMBER', at)
    if (kind === 'userData' && encoding !== 'HEX') throw new FakeRefusal('REQUIRED_FIELD_MISSING', 'encoding')
    return { keyType: KEY_TYPES[kind] ?? '', found: READERS[kind]?.(one[kind], `${at}.${kind}`) ?? [] }
  })
  const [first] = read
  if (read.some(({ keyType }) => keyType !== first?.keyType))
    throw new FakeRefusal('MULTIPLE_DATA_TYPES_NOT_ALLOWED', 'audience_members')
  return { keyType: first?.keyType ?? '', found: read.map(({ found }) => [...found]) }
}

const MOST_MEMBERS = 10_000
const MOST_IDENTIFIERS = 10

const KEY_TYPES: Readonly<Record<string, string>> = {
  userData: 'CONTACT_ID',
  mobileData: 'MOBILE_ID',
  userIdData: 'USER_ID',
}

const READERS: Readonly<Record<string, (data: unknown, at: string) => readonly Found[]>> = {
  userData: userDataIn,
  mobileData: (data, at) => {
    const { mobileIds } = known(data, ['mobileIds'], at)
    return list(mobileIds, MOST_IDENTIFIERS, 'TOO_MANY_ELEMENTS', at).map((id) => ['mobile_id', text(id, at)])
  },
  userIdData: (data, at) => [['external_id', text(known(data, ['userId'], at).userId, at)]],
}

export function userDataIn(data: unknown, at: string): readonly Found[] {
  const { userIdentifiers } = known(data, ['userIdentifiers'], at)
  const all = list(userIdentifiers, MOST_IDENTIFIERS, 'TOO_MANY_USER_IDENTIFIERS', at)
  return all.map((identifier, index) => {
    const place = `${at}.user_identifiers[${index}]`
    const one = known(identifier, ['emailAddress', 'phoneNumber', 'address'], place)
    if (Object.keys(one).length !== 1) throw new FakeRefusal('INVALID_AUDIENCE_MEMBER', place)
    if (one.emailAddress !== undefined) return ['email', hash(one.emailAddress, `${place}.email_address`)]
    if (one.phoneNumber !== undefined) return ['phone', hash(one.phoneNumber, `${place}.phone_number`)]
    return ['address', addressIn(one.address, `${place}.address`)]
  })
}

export function checkConsent(value: unknown, at: string): Json | undefined {
  if (value === undefined) return undefined
  const consent = known(value, ['adUserData', 'adPersonalization'], at)
  for (const [name, status] of Object.entries(consent)) oneOf(status, CONSENTS, `${at}.${name}`)
  return consent
}

const CONSENTS = ['CONSENT_STATUS_UNSPECIFIED', 'CONSENT_GRANTED', 'CONSENT_DENIED']

function addressIn(value: unknown, at: string): string {
  const { givenName, familyName, regionCode, postalCode } = known(value, ADDRESS, at)
  const region = text(regionCode, `${at}.region_code`)
  if (!/^[A-Za-z]{2}$/.test(region)) throw new FakeRefusal('INVALID_REGION_CODE', `${at}.region_code`)
  return [
    hash(givenName, `${at}.given_name`),
    hash(familyName, `${at}.family_name`),
    region,
    text(postalCode, `${at}.postal_code`),
  ].join('|')
}

const ADDRESS = ['givenName', 'familyName', 'regionCode', 'postalCode']

function hash(value: unknown, at: string): string {
  const encoded = text(value, at)
  if (!/^[0-9a-f]*$/i.test(encoded)) throw new FakeRefusal('INVALID_HEX_ENCODING', at)
  if (encoded.length !== 64) throw new FakeRefusal('INVALID_SHA256_FORMAT', at)
  return encoded.toLowerCase()
}
