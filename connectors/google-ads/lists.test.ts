import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import type { Change } from '../../src/connector/types.ts'
import { errorOf, googleAdsRig, hashed, send, sha256 } from '../../test/support/google-ads.ts'

const rig = (context: TestContext) => googleAdsRig(context, 'audience')

const ada: Change = { op: 'add', key: { id: '1' }, fields: {}, identifiers: hashed('email', 'ada@x.example') }

test('a list is made for the first run that may make one, and found by its exact name after', async (context) => {
  const one = await rig(context)
  const looks = () => one.connect({}, {}, { looksOnly: true }).account()
  assert.equal(await looks(), 'ad account GOOGLE_ADS/1234567890')
  assert.equal(one.fake.lists.named('Lapsing "VIPs"'), undefined)
  one.fake.lists.make({
    displayName: 'Lapsing "VIPs" of before',
    membershipDuration: '86400s',
    ingestedUserListInfo: { uploadKeyTypes: ['CONTACT_ID'] },
  })
  const account = 'ad account GOOGLE_ADS/1234567890, audience 7000000002'
  assert.equal(await one.connection.account(), account)
  assert.equal(await looks(), account)
  assert.equal(await one.connect({}, { audience: '7000000002' }).account(), account)
})

test('a list is looked for on each page', async (context) => {
  const one = await rig(context)
  one.fake.lists.pageSize = 1
  for (const displayName of ['VIPs 1', 'VIPs 2', 'VIPs'])
    one.fake.lists.make({
      displayName,
      membershipDuration: '46656000s',
      ingestedUserListInfo: { uploadKeyTypes: ['CONTACT_ID'] },
    })
  assert.match(await one.connect({}, { audience: 'VIPs' }).account(), /audience 7000000003$/)
})

test('a list that another run made in between is taken', async (context) => {
  const one = await rig(context)
  one.fake.server?.script({ kind: 'none' }, { kind: 'answer', status: 200, body: '{}' })
  const found = one.connection.account()
  one.fake.lists.make({
    displayName: 'Lapsing "VIPs"',
    membershipDuration: '46656000s',
    ingestedUserListInfo: { uploadKeyTypes: ['CONTACT_ID'] },
  })
  assert.match(await found, /audience 7000000001$/)
  assert.equal(one.sent('/userLists').length, 1)
})

test('an id that is of no list stops the sync, and no list is named by a number', async (context) => {
  const one = await rig(context)
  const error = await errorOf(one.connect({}, { audience: '42' }).account())
  assert.equal(error.action, 'stop')
  assert.match(error.message, /expected a list with the id 42, found none/)
})

test('a list that cannot be filled is told of, with what to do', async (context) => {
  const one = await rig(context)
  const id = one.fake.lists.make({
    displayName: 'Lapsing "VIPs"',
    membershipDuration: `${30 * 86_400}s`,
    ingestedUserListInfo: { uploadKeyTypes: ['CONTACT_ID'] },
  })
  const said = async (use = {}) => (await errorOf(one.connect({}, use).account())).message
  assert.match(await said(), /membership_days \(540\), found 30: set membership_days to 30/)
  const use = { membership_days: 30 }
  assert.match(await one.connect({}, use).account(), /audience 7000000001$/)
  assert.match(
    await said({ ...use, kind: 'user_id' }),
    /a list of user_id, found that list \d+ is of contact_id/,
  )
  one.fake.lists.change(id, { membershipStatus: 'CLOSED' })
  assert.match(await said(use), /closed to new members/)
  one.fake.lists.change(id, { membershipStatus: 'OPEN', readOnly: true })
  assert.match(await said(use), /is another account's/)
})

test('a list of mobile ids needs its platform and app to be made, and takes ids as they are', async (context) => {
  const one = await rig(context)
  const use = { audience: 'Devices', kind: 'mobile_id' }
  const error = await errorOf(one.connect({}, use).account())
  assert.match(error.message, /mobile_platform \(ios or android\) and mobile_app_id/)
  const whole = { ...use, mobile_platform: 'ios', mobile_app_id: '1234' }
  const ids = Array.from({ length: 11 }, (_, index) => `mobile_id:3d3c-${index}`)
  await send(one, [{ ...ada, identifiers: ids.join(' ') }], one.connect({}, whole))
  const [request] = one.sent('audienceMembers:ingest')
  assert.deepEqual(request?.audienceMembers, [
    { mobileData: { mobileIds: ids.slice(0, 10).map((id) => id.slice('mobile_id:'.length)) } },
    { mobileData: { mobileIds: ['3d3c-10'] } },
  ])
})

test('a list of own ids has one member for each of them', async (context) => {
  const one = await rig(context)
  const use = { audience: 'Own', kind: 'user_id', ad_user_data: 'unspecified', ad_personalization: undefined }
  await send(one, [{ ...ada, identifiers: 'external_id:u1 external_id:u2' }], one.connect({}, use))
  const [request] = one.sent('audienceMembers:ingest')
  assert.deepEqual(request?.audienceMembers, [
    { userIdData: { userId: 'u1' } },
    { userIdData: { userId: 'u2' } },
  ])
  assert.equal(request?.consent, undefined)
})

test('identifiers of another kind than the list stop the sync: no list takes two kinds', async (context) => {
  const one = await rig(context)
  const mixed = { ...ada, identifiers: `${ada.identifiers} external_id:u1` }
  const error = await errorOf(send(one, [mixed]))
  assert.equal(error.action, 'stop')
  assert.match(
    error.message,
    /expected identifiers email, phone, address for a list of contact_id, found external_id/,
  )
  assert.match(
    (await errorOf(send(one, [ada], one.connect({}, { kind: 'people' })))).message,
    /expected kind to be one of/,
  )
})

test('size, match rate and state are read back', async (context) => {
  const one = await rig(context)
  await send(one, [ada, { ...ada, key: { id: '2' }, identifiers: `email:${sha256('bob@x.example')}` }])
  assert.deepEqual(await one.connection.audienceStatus?.(), { size: 2, matchRate: 0.62, state: 'OPEN' })
})

test('accounts are named in the destination of data and in the headers of lists, without hyphens', async (context) => {
  const one = await rig(context)
  const connection = one.connect({
    account_id: '123-456-7890',
    login_account_id: '555-000-1111',
    login_account_type: 'data_partner',
    linked_account_id: '777',
  })
  await send(one, [ada], connection)
  const lists = one.fake.server?.requests.find(({ path }) => path.includes('/userLists'))
  assert.equal(lists?.headers['login-account'], 'accountTypes/DATA_PARTNER/accounts/5550001111')
  assert.equal(lists?.headers['linked-account'], 'accountTypes/GOOGLE_ADS/accounts/777')
  const [request] = one.sent('audienceMembers:ingest') as readonly { readonly destinations?: unknown }[]
  assert.deepEqual(request?.destinations, [
    {
      operatingAccount: { accountType: 'GOOGLE_ADS', accountId: '1234567890' },
      loginAccount: { accountType: 'DATA_PARTNER', accountId: '5550001111' },
      linkedAccount: { accountType: 'GOOGLE_ADS', accountId: '777' },
      productDestinationId: '7000000001',
    },
  ])
})

test('settings that name no account stop before any request', async (context) => {
  const one = await rig(context)
  assert.throws(() => one.connect({ account_id: 'mine' }), /expected account_id to be the number/)
  assert.throws(
    () => one.connect({ account_type: 'MYSPACE' }),
    /expected account_type to be one of GOOGLE_ADS/,
  )
})

test('a service account is let in as well, and without a sync the account is the ad account', async (context) => {
  const one = await rig(context)
  const { connector } = await import('./index.ts')
  const { createHttpTools } = await import('../../src/connector/http-client.ts')
  const { systemClock } = await import('../../src/base/clock.ts')
  const tools = createHttpTools({ clock: systemClock })
  context.after(() => tools.close())
  assert.equal(await connector.connect(one.fake.robot(), tools).account(), 'ad account GOOGLE_ADS/1234567890')
})
