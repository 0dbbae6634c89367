import { createHash } from 'node:crypto'
import type { HeldRow, JsonValue } from '../../src/connector/types.ts'

/** What a request says of one contact; checked here, since anything may have been sent. */
export interface MemberInput {
  readonly email_address?: string
  readonly status?: string
  readonly status_if_new?: string
  readonly language?: string
  readonly email_type?: string
  readonly vip?: boolean
  readonly merge_fields?: Readonly<Record<string, JsonValue>>
  readonly tags?: readonly { readonly name: string; readonly status: string }[]
}

export interface FakeMember {
  readonly hash: string
  readonly email: string
  status: string
  readonly merge: Record<string, JsonValue>
  readonly own: Record<string, JsonValue>
  readonly tags: Set<string>
}

/** Answered with 400. */
export class Refusal extends Error {
  readonly title: string

  constructor(title: string, detail: string) {
    super(detail)
    this.title = title
  }
}

const STATUSES = ['subscribed', 'unsubscribed', 'cleaned', 'pending', 'transactional']

/** Contacts of one audience. It obeys a `status` whatever it was before, which is the worst that Mailchimp may do. */
export class FakeAudience {
  readonly #members = new Map<string, FakeMember>()
  readonly #forgotten = new Set<string>()
  readonly erased: string[] = []

  find(hash: string): FakeMember | undefined {
    return this.#members.get(hash)
  }

  put(hash: string, input: MemberInput): FakeMember {
    const email = input.email_address ?? ''
    if (!/^[^@\s]+@[^@\s]+\.[^@\s]+$/.test(email))
      throw new Refusal('Invalid Resource', `${email} looks fake or invalid, please enter a real address.`)
    if (this.#forgotten.has(hash))
      throw new Refusal('Forgotten Email Not Subscribed', `${email} was permanently deleted.`)
    if (createHash('md5').update(email.toLowerCase()).digest('hex') !== hash)
      throw new Refusal('Invalid Resource', 'The subscriber hash is not of this address.')
    return this.change(this.find(hash) ?? this.#added(hash, email, input), input)
  }

  /** What is not named stays as it is. */
  change(member: FakeMember, { status, merge_fields = {}, ...input }: MemberInput): FakeMember {
    for (const [tag, value] of Object.entries(merge_fields)) {
      if (value === null || typeof value === 'boolean' || Array.isArray(value))
        throw new Refusal('Invalid Resource', 'Your merge fields were invalid.')
      member.merge[tag] = value === '' ? null : value
    }
    for (const name of ['language', 'email_type', 'vip'] as const)
      if (input[name] !== undefined) member.own[name] = input[name]
    if (status !== undefined) this.#become(member, status)
    return member
  }

  tag(member: FakeMember, tags: NonNullable<MemberInput['tags']>): void {
    for (const { name, status } of tags)
      if (status === 'active') member.tags.add(name)
      else member.tags.delete(name)
  }

  archive(member: FakeMember): void {
    member.status = 'archived'
  }

  forget(hash: string): void {
    this.erased.push(this.find(hash)?.email ?? '')
    this.#members.delete(hash)
    this.#forgotten.add(hash)
  }

  /** Whom the audience still has. */
  held(): readonly HeldRow[] {
    return [...this.#members.values()]
      .filter(({ status }) => status !== 'archived')
      .map(({ email, merge, own, tags }) => ({
        key: { email_address: email },
        fields: { ...merge, ...own, ...(tags.size === 0 ? {} : { tags: [...tags] }) },
      }))
  }

  #added(hash: string, email: string, { status_if_new: status = '' }: MemberInput): FakeMember {
    const member: FakeMember = { hash, email, status: 'archived', merge: {}, own: {}, tags: new Set() }
    this.#become(member, status)
    return member
  }

  /** One that comes back stands behind the others. */
  #become(member: FakeMember, status: string): void {
    if (!STATUSES.includes(status))
      throw new Refusal('Invalid Resource', 'Data presented is not one of the accepted values.')
    if (member.status === 'archived') this.#members.delete(member.hash)
    member.status = status
    this.#members.set(member.hash, member)
  }
}
