/**
 * Characters by name, because engines disagree on what a class of Unicode holds: a listed character is treated the same
 * on all of them, and one that is not listed stays.
 */

/** White space of Unicode but the plain blank; line ends too. */
export const BLANKS_BUT_SPACE =
  '\t\n\v\f\r\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000'

/** Takes no place and means nothing: soft hyphen, zero-width space, word joiner, byte order mark, marks of direction. */
export const INVISIBLE =
  '\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff'
