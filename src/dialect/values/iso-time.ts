/** Days that the calendar has, of the years 1000 to 9999; a pattern that every engine reads alike. */
const DATE =
  '(?:[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[1-9][0-9](?:0[48]|[2468][048]|[13579][26])|(?:[2468][048]|[13579][26])00)-02-29)'
const TIME = '(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{1,6})?'
/** The offsets there are; minutes after a colon, because that is what all engines read. */
const ZONE = '(?:Z|[+-](?:0[0-9]|1[0-4])(?::[0-5][0-9])?)'

/** Text that every engine casts to the same time, so that a cast behind this test cannot fail. */
export const ISO_TIME = `^${DATE}(?:[T ]${TIME}${ZONE}?)?$`
