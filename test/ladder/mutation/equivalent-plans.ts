import type { Equivalent } from './equivalent-steps.ts'

/** Of plans, commits and the ledger. */
export const EQUIVALENT_PLANS: readonly Equivalent[] = [
  {
    kind: 'where dropped',
    family: /^sync\.\w+\.number$/,
    shown: /where phase is not null/,
    reason: 'what has no phase is numbered last, and the join by phase finds it not',
  },
  {
    kind: 'a number more',
    family: /^sync\.\w+\.number$/,
    shown: /1 preceding\), 0\) as earlier/,
    reason: 'half of what a batch takes is more than a byte: the first stretch begins at 0',
  },
  {
    kind: 'nulls last to first',
    family: /^sync\.\w+\.number$/,
    shown: /mod\(place, \d+\) nulls last/,
    reason: 'a place is never null',
  },
  {
    kind: 'distinct dropped',
    family: /^sync\.\w+\.decide$/,
    shown: /kept_keys as \( select distinct key/,
    reason: 'a leaver whose key is kept is left out at the end, as often as it is there',
  },
  {
    kind: 'false to true',
    family: /^sync\.\w+\.decide$/,
    shown: /bool_or\(not destination_consents\), false\)/,
    reason: 'a group has a row, and its consent is never null',
  },
  {
    kind: 'false to true',
    family: /^sync\.\w+\.compare$/,
    shown: /coalesce\(j\.gone, false\)/,
    reason: 'a row of a snapshot says whether it is gone',
  },
  ...(['false to true', 'where dropped', 'union all to union'] as const).map((kind) => ({
    kind,
    family: /^sync\.\w+\.decide$/,
    shown: /(?:one\) as one|as one) where false/,
    reason: 'the row that says the type has an empty text, which is no key; and keys are asked for once',
  })),
  {
    kind: '= to <>',
    family: /^sync\.\w+\.decide$/,
    shown: /typeof\('[-0-9T:.]+Z'\) = 'VARCHAR'/,
    reason: 'a time of ours is in UTC, and the shorter way gives the same',
  },
  {
    kind: '> to >=',
    family: /^sync\.\w+\.batches$/,
    shown: /where batch > 0 group/,
    reason: 'batches are numbered from 1',
  },
  {
    kind: 'where dropped',
    family: /^sync\.\w+\.bodies$/,
    shown: /as p where p\.seq between 1/,
    reason: 'only more work: rows of no piece are left out by the condition that follows',
  },
  {
    kind: '<= to <',
    family: /^ledger\.(?:take_lease|read_leases)$/,
    shown: /expires_at <= cast\(/,
    reason: 'a lease has run out at this very microsecond or at the next',
  },
  {
    kind: 'max to min',
    family: /^ledger\.take_lease$/,
    shown: /select max\(token\)/,
    reason: 'a name has one row here; two may stand where nothing keeps names unique',
  },
  {
    kind: 'where dropped',
    family: /^ledger\.(?:commit_\w+|clear_receipts|acknowledged)$/,
    shown: /where p\.op <> 'held'/,
    reason: 'a held row has no number: it is unsent and kept, and nothing asks for those',
  },
  {
    kind: 'union all to union',
    family: /^ledger\.clear_receipts$/,
    shown: /'held' and key is not null union all/,
    reason: 'keys are asked for by `in`',
  },
  {
    kind: 'asc to desc',
    family: /^ledger\.(?:commit_\w+|clear_receipts|acknowledged)$/,
    shown: /lo nulls last, hi nulls last rows between/,
    reason: 'ranges that begin at one row are of one island, in whatever order',
  },
  ...(['another text', 'a number more', '= to <>'] as const).map((kind) => ({
    kind,
    family: /^ledger\.snapshot_figures$/,
    shown: /\(key\) = 'VARCHAR' then '\.'|end\)\), 0\) as varchar\)/,
    reason: 'a digest by a formula as good',
  })),
  {
    kind: 'nulls last to first',
    family: /^ledger\./,
    shown: /order by "(?:lo|sync)" asc nulls last|"plan_id" asc nulls last/,
    reason: 'these are never null',
  },
  {
    kind: 'union all to union',
    family: /^sync\.\w+\.decide$/,
    shown: /where not gone union all select key/,
    reason: 'keys are asked for once',
  },
  {
    kind: '+ to -',
    family: /^sync\.\w+\.compare$/,
    shown: /= 0 as integer\) \+ cast\(abs\(round/,
    reason: 'only whether the sum is 0 counts, and one of the two is',
  },
  {
    kind: 'a number more',
    family: /^sync\.\w+\.compare$/,
    shown: /as double\) = 0 as integer\) \+ cast/,
    reason: 'a 0 goes the longer way then, which gives the same',
  },
  {
    kind: '- to +',
    family: /^sync\.\w+\.compare$/,
    shown: /pow\(10\.0, 11 - floor\(log10/,
    reason: 'a number whose digits are not twelve then goes the longer way, which gives the same',
  },
  {
    kind: '>= to >',
    family: /^sync\.\w+\.compare$/,
    shown: /abs\(j\."\w+"\) >= 1e-3/,
    reason: 'this very number is written the same by the longer way',
  },
  {
    kind: '>= to >',
    family: /^sync\.\w+\.compare$/,
    shown: />= '!' then/,
    reason: 'of a text that is only `!` the longer way gives the same',
  },
  {
    kind: '+ to -',
    family: /^sync\.\w+\.compare$/,
    shown: /\)\) \+ 0 % \(/,
    reason: 'a remainder of 0 is 0 or null, added or taken away',
  },
  ...(['a number more', 'or to and'] as const).map((kind) => ({
    kind,
    family: /^sync\.\w+\.compare$/,
    shown: /',', 1\)\) > 300 (?:or|then)|, 1\)\) > 300 or length/,
    reason:
      'no number of DuckDB has so many digits; those of PostgreSQL that have are compared by test/sync/tolerance.test.ts',
  })),
  {
    kind: 'distinct dropped',
    family: /^sync\.\w+\.decide$/,
    shown: /kept_entities as \( select distinct entity_id/,
    reason: 'an entity has one row in the model of a segment or an entity, and a source has none',
  },
  {
    kind: 'where dropped',
    family: /^ledger\.(?:forget_field_hashes|mark_all_dirty)$/,
    shown: /set (?:field_hashes|hash) = null where (?:field_hashes|hash) is not null/,
    reason: 'only more work: what is null is set to null',
  },
  {
    kind: 'join to left join',
    family: /^sync\.\w+\.leaving$/,
    shown: /"sl_decided_\w+" as d join "/,
    reason: 'what changes or is removed is in the snapshot',
  },
  {
    kind: 'union all to union',
    family: /^sync\.\w+\.leaving$/,
    shown: /union all select (?:s\.)?identifiers/,
    reason: 'who stays is only asked for what they carry, each once',
  },
  {
    kind: 'distinct dropped',
    family: /^sync\.\w+\.leaving$/,
    shown: /left join \( select distinct key|carried as \( select distinct/,
    reason: 'only what is not found there counts, and a row that is not found is there once',
  },
  ...(['nulls last to first', 'row_number to rank', 'partition key dropped'] as const).map((kind) => ({
    kind,
    family: /^sync\.\w+\.(?:compare|leaving)$/,
    shown:
      /token, row_number\(\)|order by token nulls last\) as place|row_number\(\) over \(partition by key order/,
    reason: 'tokens are there, each once, and of their places within a row only the order counts',
  })),
  {
    kind: 'row_number to rank',
    family: /^sync\.\w+\.number$/,
    shown: /"leaving", row_number\(\)/,
    reason: 'a key is sent once: check_plan proves it',
  },
  {
    kind: 'and to or',
    family: /^sync\.\w+\.compare$/,
    shown: /\(true and true\) as "consents"/,
    reason: 'both are true',
  },
  ...(['union all to union', 'where dropped', 'or to and'] as const).map((kind) => ({
    kind,
    family: /^sync\.\w+\.compare$/,
    shown:
      /k\.record_id\) as r union all select r\.entity_id|as v where v\.v_0 is not|as tokens where token is not null|when "id_\d" is null or "id_\d" in/,
    reason:
      'values are taken once, in whatever column they stand; one that is missing makes no token, and a missing token no text',
  })),
  ...(['is null', 'is not null'] as const).map((kind) => ({
    kind,
    family: /^sync\.\w+\.compare$/,
    shown: /as content_hash, case when record_id is|coalesce\("id_\d", "id_\d"\) is not null then hash/,
    reason: 'records are joined by their keys here, and no hash of them is asked for',
  })),
]
