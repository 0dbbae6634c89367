import { AUDIENCE_OBJECT, EVENTS_OBJECT } from '../../src/connector/ad-objects.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest } from '../../src/connector/types.ts'

export const VERSION = 'v25.0'

/** Users of one request, which Meta documents; it documents no bytes. */
export const MOST_ROWS = 10_000

/** Of a request: 10,000 rows of an e-mail address and a phone number are 1.4 MB, and are documented to be taken. */
export const MOST_BYTES = 2_000_000

export const MOST_DAYS = 7

export const META_MANIFEST: Manifest = {
  name: 'meta',
  title: 'Meta',
  // Its descriptions leave what a body holds untyped.
  verification: 'doc-verified',
  apiVersion: VERSION,
  settings: {
    access_token: {
      type: 'text',
      required: true,
      secret: true,
      description:
        'Of a system user or a person with the right ads_management; of a dataset, for events alone.',
    },
    app_secret: {
      type: 'text',
      secret: true,
      description:
        'Of the app that the token is for: requests are then signed with it, which the app may require.',
    },
    ad_account: { type: 'text', description: 'With its prefix, such as act_1234; needed for audiences.' },
    dataset: {
      type: 'text',
      description: 'Id of the dataset (once: pixel) that events go to; needed for events.',
    },
    ...httpSettings('https://graph.facebook.com'),
  },
  auth: [{ kind: 'header', needs: ['access_token'], name: 'authorization', value: 'Bearer {access_token}' }],
  sources: [
    {
      url: 'https://developers.facebook.com/documentation/ads-commerce/marketing-api/audiences/guides/custom-audiences',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.facebook.com/documentation/ads-commerce/marketing-api/reference/custom-audience/users',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/server-event',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.facebook.com/documentation/ads-commerce/conversions-api/parameters/customer-information-parameters',
      read: '2026-11-26',
    },
    {
      url: 'https://developers.facebook.com/documentation/ads-commerce/marketing-api/overview/rate-limiting',
      read: '2026-11-26',
    },
  ],
  objects: {
    audience: {
      ...AUDIENCE_OBJECT,
      description: 'People of one custom audience, found by what the warehouse hashes of them.',
      membersOnly: true,
      removal: 'All that found the person leaves the audience, but for what somebody else in it has too.',
      // As a row a request is 0.8 kB where all is known of a person; one of more rows than fit is halved.
      batch: { maxItems: 2000, maxBytes: 2 * MOST_BYTES },
      settings: {
        audience: {
          type: 'text',
          required: true,
          description: 'Name or id of the audience; it is made when there is none of this name.',
        },
        customer_file_source: {
          type: 'text',
          default: 'USER_PROVIDED_ONLY',
          description:
            'Of an audience that is made, where its people come from: USER_PROVIDED_ONLY, PARTNER_PROVIDED_ONLY or BOTH_USER_AND_PARTNER_PROVIDED.',
        },
        limited_data_use: {
          type: 'boolean',
          default: false,
          description: 'Asks for Limited Data Use for everybody who is sent; Meta finds out where they live.',
        },
      },
      identifiers: {
        alone: {
          email: 'meta.email@1',
          phone: 'meta.phone@1',
          mobile_id: 'meta.mobile_id@1',
          external_id: 'meta.external_id@1',
        },
        details: {
          first_name: 'meta.first_name@1',
          last_name: 'meta.last_name@1',
          city: 'meta.city@1',
          state: 'meta.state@1',
          zip: 'meta.zip@1',
          country: 'meta.country@1',
          birth_year: 'meta.birth_year@1',
          birth_month: 'meta.birth_month@1',
          birth_day: 'meta.birth_day@1',
          gender: 'meta.gender@1',
        },
      },
      audience: { fewest: 100 },
    },
    events: {
      // By event_id and event_name, for 48 hours.
      ...EVENTS_OBJECT,
      description: 'Conversions, for the Conversions API: purchases, leads, sign-ups.',
      batch: { maxItems: 1000, maxBytes: MOST_BYTES },
      settings: {
        action_source: {
          type: 'text',
          default: 'other',
          description:
            'Where the events of this sync happened, when no field says it: website, email, phone_call, chat, physical_store, system_generated or other.',
        },
        limited_data_use: {
          type: 'boolean',
          default: false,
          description: 'Asks for Limited Data Use for every event; Meta finds out where people live.',
        },
        test_event_code: {
          type: 'text',
          description:
            'Of the tab "Test events" of the dataset: events appear there, and count all the same.',
        },
      },
      eventsWithinDays: MOST_DAYS,
      fields: {
        event_name: { description: 'Purchase, Lead, or another one, yours too.', required: true },
        event_time: { description: 'When it happened: at most 7 days ago.', required: true },
        action_source: { description: 'Where it happened, instead of the setting.' },
        event_source_url: { description: 'The page on which it happened; for website.' },
        value: { description: 'What it was worth; needed for Purchase.' },
        currency: { description: 'Three letters: EUR; needed for Purchase.' },
        order_id: { description: 'Your id of the order.' },
        content_ids: { description: 'A JSON list of ids of products.' },
        content_type: { description: 'product or product_group.' },
        contents: { description: 'A JSON list of products: {id, quantity, item_price}.' },
        num_items: { description: 'How many products.' },
        fbc: { description: 'Id of a click on an ad, of the cookie _fbc.' },
        fbp: { description: 'Id of a browser, of the cookie _fbp.' },
        client_ip_address: { description: 'Of the browser; with client_user_agent it finds people too.' },
        client_user_agent: { description: 'Of the browser; for website.' },
      },
      identifiers: {
        alone: {
          email: 'meta.email@1',
          phone: 'meta.phone@1',
          mobile_id: 'meta.mobile_id@1',
          external_id: 'meta.external_id@1',
        },
        details: {
          first_name: 'meta.first_name@1',
          last_name: 'meta.last_name@1',
          city: 'meta.city@1',
          state: 'meta.state@1',
          zip: 'meta.zip@1',
          country: 'meta.country@1',
          birth_date: 'meta.birth_date@1',
          gender: 'meta.gender@1',
        },
        orFields: ['fbc', 'fbp', 'client_ip_address'],
      },
    },
  },
}
