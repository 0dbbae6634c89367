/** Whether so many of all have changed that to make all of them costs less. */
export function isMuch(changed: number, all: number): boolean {
  return changed > FEW_ROWS && changed > all * MOST_CHANGED
}

/** Above this share a full build costs less. Below so many rows either is done in no time. */
const MOST_CHANGED = 0.2
const FEW_ROWS = 10_000
