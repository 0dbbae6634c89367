/** 40 times the largest project file we have seen; a longer one is a data file by mistake. */
export const MAX_FILE_BYTES = 2 * 1024 * 1024
/** What 5,000 segments in one file need; nothing of sense reaches both this and the limit of bytes. */
export const MAX_FILE_TOKENS = 1_000_000
/** More than anyone reads at once; a file of one mistake repeated must not become a report of gigabytes. */
export const MAX_ERRORS_PER_FILE = 1_000
/** 10 of the largest files; the whole text is held in memory for carets. */
export const MAX_PROJECT_BYTES = 20 * 1024 * 1024
/** A condition tree that a person can read is under 10 deep; recursion below stays far from the stack's end. */
export const MAX_DEPTH = 64
/** Values that aliases may repeat in one file: enough for any shared block, too few for an alias bomb. */
export const MAX_ALIASED_VALUES = 10_000
/** 40 characters, so that the longest generated table name fits PostgreSQL's 63 bytes. */
export const MAX_NAME_LENGTH = 40
