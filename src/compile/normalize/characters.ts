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

/** Of Persian and Indic writing. They join letters or keep them apart, and a name is read the same without. */
const JOINERS = '\u200c\u200d'

const ASCII_PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~'

const LATIN_PUNCTUATION = '¡¢£¤¥¦§¨©«¬®¯°±´¶·¸»¿×÷€™'

/** Dashes, quotation marks, dots, primes. */
const GENERAL_PUNCTUATION =
  '\u2010\u2011\u2012\u2013\u2014\u2015\u2016\u2018\u2019\u201a\u201b\u201c\u201d\u201e\u201f\u2020\u2021\u2022\u2026\u2030\u2032\u2033\u2035\u2039\u203a\u2212\u02bb\u02bc'

/** Hebrew, Arabic, Armenian, Indic; then Chinese and Japanese, half and full width. */
const OTHER_PUNCTUATION =
  '\u05be\u05f3\u05f4\u060c\u061b\u061f\u0640\u06d4\u055a\u055b\u055c\u055d\u055e\u055f\u0589\u0964\u0965' +
  '、。〃〈〉《》「」『』【】〔〕〜・！＂＃＄％＆＇（）＊＋，－．／：；＜＝＞？＠［＼］＾＿｀｛｜｝～｡｢｣､･'

/** Arabic, Persian, Devanagari and full-width digits: ten each, from 0 on. */
export const DIGITS_OF_OTHER_WRITING = '٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹०१२३४५६७८९０１２３４５６７８９'

const DIGITS = `0123456789¹²³¼½¾${DIGITS_OF_OTHER_WRITING}`

const PUNCTUATION = ASCII_PUNCTUATION + LATIN_PUNCTUATION + GENERAL_PUNCTUATION + OTHER_PUNCTUATION

/** What no name of a person or a place is made of; letters of any writing stay. */
export const NO_LETTERS = ` ${PUNCTUATION}${DIGITS}${JOINERS}`
