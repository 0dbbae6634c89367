import type { Random } from './random.ts'

/** One made-up person, as she is; the systems of the shop know her only in part, and with mistakes. */
export interface Person {
  readonly number: number
  readonly firstName: string
  readonly lastName: string
  readonly birthDate: string
  readonly country: string
  readonly city: string
  readonly email: string
  /** Another address that she uses too. */
  readonly secondEmail: string
  /** E.164. */
  readonly phone: string
  readonly devices: readonly string[]
  /** How often she buys: the square of chance, so that few buy most. */
  readonly appetite: number
}

export function madeUpPerson(number: number, random: Random): Person {
  const firstName = random.pick(FIRST_NAMES)
  const lastName = random.pick(LAST_NAMES)
  const place = random.pick(PLACES)
  const handle = `${plainLetters(firstName)}.${plainLetters(lastName)}`.toLowerCase()
  return {
    number,
    firstName,
    lastName,
    birthDate: `${random.between(1948, 2006)}-${two(random.between(1, 12))}-${two(random.between(1, 28))}`,
    country: place.country,
    city: random.pick(place.cities),
    email: `${handle}${number}@${random.pick(HOSTS)}`,
    secondEmail: `${handle.charAt(0)}${plainLetters(lastName).toLowerCase()}${number}@work.example`,
    phone: `${place.code}${place.mobile}${digits(random, place.digits)}`,
    devices: Array.from({ length: random.between(1, 3) }, (_, device) => `d${number}x${device}`),
    appetite: random.next() ** 2,
  }
}

/** The ways in which people write a phone number in forms; the French leave their own code out. */
export function writtenPhone(person: Person, random: Random): string {
  const { phone } = person
  const style = random.between(0, 3)
  if (style === 0) return `00${phone.slice(1)}`
  if (style === 1) return `${phone.slice(0, 3)} ${phone.slice(3)}`
  if (style === 2 && person.country === 'FR') return `0${phone.slice(3)}`
  return phone
}

/** One letter too few, or the letters of a host swapped: what a hurried thumb does. */
export function mistyped(email: string, random: Random): string {
  const at = random.between(1, Math.max(1, email.indexOf('@') - 1))
  return random.chance(0.5) ? email.slice(0, at) + email.slice(at + 1) : email.replace('.example', '.exmaple')
}

interface Place {
  readonly country: string
  readonly code: string
  readonly mobile: string
  readonly digits: number
  readonly cities: readonly [string, ...string[]]
}

const PLACES: readonly [Place, ...Place[]] = [
  { country: 'FR', code: '+33', mobile: '6', digits: 8, cities: ['Paris', 'Lyon', 'Lille', 'Nantes'] },
  { country: 'FR', code: '+33', mobile: '7', digits: 8, cities: ['Paris', 'Bordeaux', 'Strasbourg'] },
  { country: 'BE', code: '+32', mobile: '47', digits: 7, cities: ['Brussels', 'Ghent', 'Antwerp'] },
  { country: 'DE', code: '+49', mobile: '15', digits: 9, cities: ['Berlin', 'Hamburg', 'Munich'] },
  { country: 'ES', code: '+34', mobile: '6', digits: 8, cities: ['Madrid', 'Barcelona', 'Valencia'] },
]

/** Reserved for examples (RFC 2606): nobody lives there. */
const HOSTS = ['mail.example', 'post.example', 'inbox.example', 'home.example'] as const

const FIRST_NAMES = [
  'Ada',
  'Alan',
  'Anita',
  'Barbara',
  'Carla',
  'Chloé',
  'Dennis',
  'Edsger',
  'Elena',
  'Emma',
  'Fatima',
  'Femke',
  'Grace',
  'Hannah',
  'Hugo',
  'Inès',
  'Jonas',
  'José',
  'Julia',
  'Karim',
  'Ken',
  'Lars',
  'Léa',
  'Linus',
  'Louis',
  'Lucía',
  'Manon',
  'Margaret',
  'Mia',
  'Mohamed',
  'Noah',
  'Nora',
  'Olivier',
  'Pablo',
  'Radia',
  'Sofia',
  'Tim',
  'Yasmin',
] as const

const LAST_NAMES = [
  'Becker',
  'Bernard',
  'Claes',
  'Dubois',
  'Fischer',
  'García',
  'Girard',
  'Hoffmann',
  'Janssens',
  'Koch',
  'Lambert',
  'Laurent',
  'Leroy',
  'López',
  'Maes',
  'Martin',
  'Martínez',
  'Mercier',
  'Meyer',
  'Moreau',
  'Müller',
  'Peeters',
  'Petit',
  'Richard',
  'Robert',
  'Roux',
  'Sánchez',
  'Schmidt',
  'Schneider',
  'Simon',
  'Wagner',
  'Weber',
  'Willems',
] as const

function two(number: number): string {
  return String(number).padStart(2, '0')
}

function digits(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.between(0, 9)).join('')
}

function plainLetters(name: string): string {
  return name.normalize('NFD').replaceAll(/[^A-Za-z]/g, '')
}
