import assert from 'node:assert/strict'
import { test } from 'node:test'
import { databricksProblem } from './databricks-errors.ts'

const problem = (message: string, error_code = 'BAD_REQUEST', sqlState?: string) =>
  databricksProblem({ error_code, message, sqlState, statementId: '01ef-1' })

const CASES: readonly (readonly [message: string, code: string, told: RegExp])[] = [
  [
    '[TABLE_OR_VIEW_NOT_FOUND] The table or view `crm`.`contcts` cannot be found. Verify the spelling. SQLSTATE: 42P01; line 1 pos 14',
    'SLU3004',
    /table "crm.contcts"/,
  ],
  [
    '[SCHEMA_NOT_FOUND] The schema `shop`.`crm` cannot be found. SQLSTATE: 42704',
    'SLU3004',
    /schema "shop.crm"/,
  ],
  [
    '[UNRESOLVED_COLUMN.WITH_SUGGESTION] A column, variable, or function parameter with name `e_mail` cannot be resolved. Did you mean one of the following? [`email`, `id`]. SQLSTATE: 42703',
    'SLU3004',
    /column "e_mail"/,
  ],
  [
    'io.delta.exceptions.ConcurrentAppendException: [DELTA_CONCURRENT_APPEND.WITHOUT_HINT] Transaction conflict detected. SQLSTATE: 2D521',
    'SLU3010',
    /DELTA_CONCURRENT_APPEND/,
  ],
  [
    'com.databricks.sql.transaction.tahoe.ConcurrentWriteException: A concurrent transaction has written',
    'SLU3010',
    /no other statement/,
  ],
  [
    '[DELTA_METADATA_CHANGED] MetadataChangedException: The metadata has been changed',
    'SLU3010',
    /DELTA_METADATA_CHANGED/,
  ],
  ["PERMISSION_DENIED: User does not have USE SCHEMA on Schema 'shop.crm'.", 'SLU3002', /USE SCHEMA/],
  [
    '[INSUFFICIENT_PERMISSIONS] Insufficient privileges: User does not have permission SELECT on any file. SQLSTATE: 42501',
    'SLU3002',
    /SELECT/,
  ],
  [
    `[CAST_INVALID_INPUT] The value 'ada@secret.example' of the type "STRING" cannot be cast to "DECIMAL(10,2)" because it is malformed. SQLSTATE: 22018`,
    'SLU3008',
    /convert to DECIMAL\(10,2\)/,
  ],
  ['[DIVIDE_BY_ZERO] Division by zero. SQLSTATE: 22012', 'SLU3008', /DIVIDE_BY_ZERO/],
  [
    '[DELTA_NOT_NULL_CONSTRAINT_VIOLATED] NOT NULL constraint violated for column: a with ada@secret.example',
    'SLU3009',
    /constraints/,
  ],
  [
    `[DATATYPE_MISMATCH.BINARY_OP_DIFF_TYPES] Cannot resolve "(a + 'ada@secret.example')" due to data type mismatch. SQLSTATE: 42K09`,
    'SLU3007',
    /Cannot resolve "\.\.\."/,
  ],
  [
    "[PARSE_SYNTAX_ERROR] Syntax error at or near ''ada@secret.example''. SQLSTATE: 42601 (line 1, pos 6)",
    'SLU3007',
    /Syntax error/,
  ],
  [
    'Inline byte limit exceeded. Statements executed with disposition=INLINE can have a result size of at most 26214400 bytes.',
    'SLU3017',
    /25 MiB/,
  ],
  [
    '[INTERNAL_ERROR] The value ada@secret.example broke it. SQLSTATE: XX000',
    'SLU3017',
    /found INTERNAL_ERROR/,
  ],
  ['Job aborted: java.lang.OutOfMemoryError with ada@secret.example', 'SLU3006', /memory/],
]

test('databricks: what it says is sorted by its condition, its state or its words, without values', () => {
  for (const [message, code, told] of CASES) {
    const found = problem(message)
    assert.equal(found.code, code, `${message}: ${found.message}`)
    assert.match(found.message, told)
    assert.match(found.message, /\(statement 01ef-1\)$/)
    assert.doesNotMatch(`${found.message} ${found.hint}`, /ada|secret/)
  }
})

test('databricks: without words of its own, the state and the code of the service say what it is', () => {
  assert.equal(problem('?', 'BAD_REQUEST', '42P01').code, 'SLU3004')
  assert.equal(problem('?', 'BAD_REQUEST', '22003').code, 'SLU3008')
  assert.equal(problem('?', 'CANCELLED').code, 'SLU3016')
  assert.equal(problem('?', 'TEMPORARILY_UNAVAILABLE').code, 'SLU3001')
  assert.equal(problem('?', 'UNAUTHENTICATED').code, 'SLU3002')
  assert.match(problem('?', 'ABORTED').message, /found ABORTED/)
})
