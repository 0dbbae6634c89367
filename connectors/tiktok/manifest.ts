import { AUDIENCE_OBJECT, EVENTS_OBJECT } from '../../src/connector/ad-objects.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

/** Of one request of events; TikTok tells no size, and a thousand events of usual length are below it. */
export const EVENTS_BYTES = 2 * 1024 * 1024

/** "Maximum file upload size is 250MB", taken as the smaller of its two meanings. */
export const FILE_BYTES = 250_000_000

/** What happened before is outside of every window that TikTok attributes in. */
export const EVENT_DAYS = 28

export const TIKTOK_MANIFEST: Manifest = {
  name: 'tiktok',
  title: 'TikTok Ads',
  verification: 'derived-verified',
  apiVersion: 'v1.3',
  settings: {
    access_token: {
      type: 'text',
      required: true,
      secret: true,
      description:
        'Of an app with the scope Audience Management, or for events one that Events Manager made.',
    },
    advertiser_id: { type: 'text', required: true, description: 'The ad account.' },
    ...httpSettings('https://business-api.tiktok.com'),
  },
  auth: [{ kind: 'header', needs: ['access_token'], name: 'access-token', value: '{access_token}' }],
  // Of an app at the level that all apps have to begin with.
  limits: { requestsPerSecond: 10 },
  sources: [
    { url: 'https://business-api.tiktok.com/portal/docs?id=1739940567842818', read: '2026-11-26' },
    { url: 'https://business-api.tiktok.com/portal/docs?id=1739940570793985', read: '2026-11-26' },
    { url: 'https://business-api.tiktok.com/portal/docs?id=1771101303285761', read: '2026-11-26' },
    { url: 'https://business-api.tiktok.com/portal/docs?id=1737172488964097', read: '2026-11-26' },
    { url: 'https://ads.tiktok.com/help/article/event-deduplication', read: '2026-11-26' },
  ],
  objects: {
    audience: {
      ...AUDIENCE_OBJECT,
      description:
        'People of a custom audience from a customer file. It is found by its name or id, and made by the first people who join.',
      membersOnly: true,
      // TikTok works on one file after the other: a batch may have to wait for the one before.
      async: true,
      limits: { inFlight: 1 },
      identifiers: {
        alone: {
          email: 'tiktok.email@1',
          phone: 'tiktok.phone@1',
          mobile_id: 'tiktok.mobile_id@1',
        },
      },
      audience: { fewest: 1000, keepsFewest: true, lifetimeDaysSetting: 'lifetime_days' },
      settings: {
        audience: { type: 'text', required: true, description: 'Name (up to 128 characters) or id.' },
        lifetime_days: {
          type: 'integer',
          default: 365,
          minimum: 1,
          maximum: 365,
          description:
            'Members are sent again before so many days are over. TikTok lets an audience expire that was neither changed nor used for 365.',
        },
      },
      removal: 'All that found the person is taken out; while fewer than 1,000 people would stay, nobody is.',
      // As many as are held in memory with ease: each batch waits for TikTok to be done with the one before.
      batch: { maxItems: 100_000, maxBytes: 32 * 1024 * 1024 },
    },
    events: {
      // One with the same event_id and name is dropped for 48 hours.
      ...EVENTS_OBJECT,
      description: 'Conversions for the Events API: on the web, in stores, and of leads in a CRM.',
      eventsWithinDays: EVENT_DAYS,
      identifiers: {
        alone: {
          email: 'tiktok.email@1',
          phone: 'tiktok.phone@1',
          external_id: 'tiktok.external_id@1',
        },
        orFields: ['ttclid', 'ttp', 'lead_id'],
      },
      settings: {
        event_source: {
          type: 'text',
          default: 'web',
          description: 'Where the events come from: web, offline or crm.',
        },
        event_source_id: {
          type: 'text',
          required: true,
          description: 'The code of the pixel (web), or the id of the event set (offline, crm).',
        },
        test_event_code: {
          type: 'text',
          description: 'From Events Manager: events are shown there as tests, and count for nothing.',
        },
      },
      fields: {
        event_name: { required: true, description: 'A standard event such as Purchase, or one of your own.' },
        event_time: { required: true, description: 'When it happened.' },
        value: { description: 'Of the whole order, a number.' },
        currency: { description: 'Of the value: EUR.' },
        order_id: { description: 'Of the order.' },
        shop_id: { description: 'Of the shop.' },
        description: { description: 'Of the item or page.' },
        search_string: { description: 'What was searched for.' },
        num_items: { description: 'How many items, a number.' },
        content_type: { description: 'product or product_group.' },
        content_ids: { description: 'Ids of the products, a JSON list.' },
        contents: {
          description:
            'The products, a JSON list of objects with price, quantity, content_id, content_name, content_category, brand.',
        },
        customer_type: { description: 'new or returning.' },
        ttclid: { description: 'The click id of TikTok, of web events.' },
        ttp: { description: 'The cookie _ttp, of web events.' },
        ip: { description: 'Address of the browser, not hashed.' },
        user_agent: { description: 'Of the browser, not hashed.' },
        locale: { description: 'Language of the browser: en-US.' },
        url: { description: 'Of the page, of web events.' },
        referrer: { description: 'Of the page before.' },
        limited_data_use: { description: 'true: TikTok may use the event for less.' },
        lead_id: { description: 'The id that TikTok gave the lead; every event of crm needs one.' },
        lead_event_source: { description: 'Name of the CRM.' },
      },
      batch: { maxItems: 1000, maxBytes: EVENTS_BYTES },
    },
  },
}
