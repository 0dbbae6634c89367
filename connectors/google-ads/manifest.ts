import { AUDIENCE_OBJECT, EVENTS_OBJECT } from '../../src/connector/ad-objects.ts'
import { googleAuth, googleAuthSettings } from '../../src/connector/google-auth.ts'
import { httpSettings } from '../../src/connector/http-settings.ts'
import type { Manifest, SettingDefinition } from '../../src/connector/types.ts'

/** As old as an event may be: what is uploaded later than this after its click is not imported. */
export const OLDEST_EVENT_DAYS = 90

const ADDRESS = {
  first_name: 'google.first_name@1',
  last_name: 'google.last_name@1',
  country: 'google.country@1',
  zip: 'google.zip@1',
} as const

/** What a person allowed, for rows that do not say it themselves. */
const CONSENT_SETTINGS: Readonly<Record<string, SettingDefinition>> = {
  ad_user_data: {
    type: 'text',
    default: 'unspecified',
    description:
      'Whether people allowed that their data goes to Google for ads: granted, denied or unspecified; for rows that do not say it.',
  },
  ad_personalization: {
    type: 'text',
    default: 'unspecified',
    description:
      'Whether people allowed personalised ads: granted, denied or unspecified; for rows that do not say it.',
  },
}

const CONSENT_FIELDS = {
  ad_user_data: {
    description: 'Whether this person allowed it: true or granted, false or denied; null: the setting says.',
  },
  ad_personalization: { description: 'The same for personalised ads.' },
}

export const GOOGLE_ADS_MANIFEST: Manifest = {
  name: 'google-ads',
  title: 'Google Ads, by the Data Manager API',
  verification: 'derived-verified',
  apiVersion: 'v1',
  settings: {
    account_id: {
      type: 'text',
      required: true,
      description: 'Number of the ad account that the data is for, with or without hyphens.',
    },
    account_type: {
      type: 'text',
      default: 'GOOGLE_ADS',
      description:
        'Its kind, as Google calls it: GOOGLE_ADS, DISPLAY_VIDEO_ADVERTISER or DISPLAY_VIDEO_PARTNER.',
    },
    login_account_id: {
      type: 'text',
      description: 'Number of the account by which the credentials reach it, a manager account say.',
    },
    login_account_type: {
      type: 'text',
      default: 'GOOGLE_ADS',
      description: 'Kind of the login account: DATA_PARTNER for a data partner.',
    },
    linked_account_id: {
      type: 'text',
      description: 'Of data partners: the account whose link to the login account gives access.',
    },
    linked_account_type: { type: 'text', default: 'GOOGLE_ADS', description: 'Kind of the linked account.' },
    accept_customer_match_terms: {
      type: 'boolean',
      default: false,
      description:
        "True once you accept Google's Customer Match terms (support.google.com/adspolicy/answer/6299717); nobody is sent to an audience before.",
    },
    ...googleAuthSettings('datamanager'),
    ...httpSettings('https://datamanager.googleapis.com'),
  },
  auth: googleAuth('datamanager'),
  // 300 a minute of a Cloud project; what only reads has as many again.
  limits: { requestsPerSecond: 5 },
  objects: {
    audience: {
      ...AUDIENCE_OBJECT,
      description:
        'People of a Customer Match list, found by hashed addresses and numbers; made when missing.',
      wholeRows: true,
      async: true,
      removal: 'All that was sent of the person is taken out of the list; other lists keep it.',
      // Google names no cap in bytes: so large is a batch whose members all have ten identifiers.
      batch: { maxItems: 10_000, maxBytes: 10 * 1024 * 1024 },
      fields: CONSENT_FIELDS,
      identifiers: {
        alone: {
          email: 'google.email@1',
          phone: 'google.phone@1',
          mobile_id: 'google.mobile_id@1',
          external_id: 'google.external_id@1',
        },
        together: { address: ADDRESS },
      },
      audience: { fewest: 100, lifetimeDaysSetting: 'membership_days' },
      settings: {
        audience: { type: 'text', required: true, description: 'Name or id of the list in the ad account.' },
        kind: {
          type: 'text',
          default: 'contact_id',
          description:
            'What the list is filled by, and cannot be changed: contact_id (email, phone, address), mobile_id, or user_id (external_id).',
        },
        mobile_platform: {
          type: 'text',
          description: 'Of a list of mobile_id that is to be made: ios or android.',
        },
        mobile_app_id: {
          type: 'text',
          description: 'Of a list of mobile_id that is to be made: the app that the ids were collected in.',
        },
        membership_days: {
          type: 'integer',
          default: 540,
          minimum: 1,
          maximum: 540,
          description: 'After how many days Google forgets a member; all are sent again in time.',
        },
        ...CONSENT_SETTINGS,
      },
    },
    events: {
      // Google counts one transaction id of a conversion action once.
      ...EVENTS_OBJECT,
      description: 'Conversions for one conversion action, found by click or by hashed addresses.',
      async: true,
      batch: { maxItems: 2000, maxBytes: 4 * 1024 * 1024 },
      eventsWithinDays: OLDEST_EVENT_DAYS,
      fields: {
        event_time: { description: 'When it happened.', required: true },
        value: { description: 'What it was worth.' },
        currency: { description: 'Of the value, in three letters: EUR.' },
        event_source: {
          description:
            'Where it happened: WEB, APP, IN_STORE, PHONE, MESSAGE or OTHER; null: the setting says.',
        },
        event_name: { description: 'Its name, for destinations that want one.' },
        gclid: { description: "Google's id of the click that led to it." },
        gbraid: { description: 'The same of a click in an app on iOS.' },
        wbraid: { description: 'The same of a click on the web on iOS.' },
        ...CONSENT_FIELDS,
      },
      identifiers: {
        alone: { email: 'google.email@1', phone: 'google.phone@1' },
        together: { address: ADDRESS },
        orFields: ['gclid', 'gbraid', 'wbraid'],
      },
      settings: {
        conversion_action: {
          type: 'text',
          required: true,
          description: 'Id of the conversion action that these are conversions of.',
        },
        event_source: {
          type: 'text',
          default: 'WEB',
          description: 'Where they happened: WEB, APP, IN_STORE, PHONE, MESSAGE or OTHER.',
        },
        ...CONSENT_SETTINGS,
      },
    },
  },
  sources: [
    { url: 'https://developers.google.com/data-manager/api/devguides/limits', read: '2026-11-26' },
    { url: 'https://developers.google.com/data-manager/api/devguides/diagnostics', read: '2026-11-26' },
    {
      url: 'https://developers.google.com/data-manager/api/devguides/concepts/understand-errors',
      read: '2026-11-26',
    },
    { url: 'https://support.google.com/google-ads/answer/15081888', read: '2026-11-26' },
  ],
}
