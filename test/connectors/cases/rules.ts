import { type Subject, speaksHttp } from '../subjects.ts'

/** Why a case says nothing about an object, as its manifest says; undefined: it does. */

export function holdsFields({ definition }: Subject): string | undefined {
  const isAudience = definition.audience !== undefined
  return definition.membersOnly === true || isAudience
    ? 'it holds that a row is there and no fields'
    : undefined
}

export function namesFields({ definition: { fields } }: Subject): string | undefined {
  return fields === undefined
    ? undefined
    : 'a project that maps another field is refused before anything runs'
}

export function holdsPeople({ definition }: Subject): string | undefined {
  return definition.audience === undefined ? 'it is no audience' : undefined
}

export function takesIdentifiers({ definition }: Subject): string | undefined {
  return definition.identifiers === undefined ? 'it takes no hashed identifiers' : undefined
}

export function takesChanges({ definition }: Subject): string | undefined {
  const isInsertOnly = definition.modes.every((mode) => mode === 'insert')
  return isInsertOnly ? 'each row is sent once and never changed' : undefined
}

export function removes({ definition }: Subject): string | undefined {
  return definition.remove === 'delete' ? undefined : 'it deletes no rows'
}

export function erases({ definition }: Subject): string | undefined {
  return definition.erasure === undefined ? 'it erases nobody' : undefined
}

export function isIdempotent({ definition }: Subject): string | undefined {
  return definition.idempotent ? undefined : 'the API takes what comes twice as two rows'
}

export function overHttp(subject: Subject): string | undefined {
  return speaksHttp(subject) ? undefined : 'it is not reached over HTTP'
}

export function asJobs({ asJobs: is }: Subject): string | undefined {
  return is ? undefined : 'it answers at once, not by a job'
}

/** Plans that go out in bulk have thousands of rows, and the engine treats all jobs alike: a few cases are enough. */
export function asOtherJobs({ isBulk }: Subject): string | undefined {
  return isBulk
    ? 'it holds for rows that do not go out in bulk, and the engine treats all jobs alike'
    : undefined
}
