/** Who must act. `cli` maps each to one exit code (design section 4). */
export type ErrorKind =
  | 'usage' // bad flags: 64
  | 'project' // bad project, a missing table or column too; nothing ran: 78
  | 'guard' // a guard stopped it before it sent: 4
  | 'busy' // another run holds the lease, or another process the file: 5
  | 'unavailable' // warehouse or destination unreachable, misconfigured, out of disk: 6
  | 'failed' // ran, and something failed: 1
  | 'bug' // our fault: 70

interface CodeEntry {
  readonly kind: ErrorKind
  /** One line for the list of codes. */
  readonly title: string
}

/**
 * Every error code. Numbers are never reused.
 * 1xxx project text, 2xxx references, 3xxx warehouse, 4xxx build and identity, 5xxx sync and ledger,
 * 6xxx connectors and destinations, 7xxx command line, 9xxx our bugs.
 */
export const CODES = {
  // 1xxx: the text of a project (spec); from 1101 on they are warnings
  SLU1001: { kind: 'project', title: 'a value is not of the kind that was expected' },
  SLU1002: { kind: 'project', title: 'a key that is not known here' },
  SLU1003: { kind: 'project', title: 'a key that is needed is missing' },
  SLU1004: { kind: 'project', title: 'two definitions of one kind have the same name' },
  SLU1005: { kind: 'project', title: 'not a valid name' },
  SLU1006: { kind: 'project', title: 'a name that is reserved' },
  SLU1007: { kind: 'project', title: 'keys of which one excludes the other' },
  SLU1008: { kind: 'project', title: 'a text that does not have the form that was expected' },
  SLU1009: { kind: 'project', title: 'a test that can never be right' },
  SLU1010: { kind: 'project', title: 'a file or a project that is too large or too deep' },
  SLU1011: { kind: 'project', title: 'not valid YAML' },
  SLU1012: { kind: 'project', title: 'a key stands twice in one mapping' },
  SLU1013: { kind: 'project', title: 'a part of YAML that projects do not use' },
  SLU1014: { kind: 'project', title: 'a key that no mapping may have' },
  SLU1015: { kind: 'project', title: 'there is no sluice.yml' },
  SLU1016: { kind: 'project', title: 'a setting of the project outside sluice.yml' },
  SLU1017: { kind: 'project', title: 'an environment variable is read where none is' },
  SLU1018: { kind: 'project', title: 'an environment variable is not set' },
  SLU1019: { kind: 'project', title: 'a pattern that is not RE2' },
  SLU1020: { kind: 'project', title: 'default_target names no target' },
  SLU1021: { kind: 'project', title: 'a rule for an identifier type that no record carries' },
  SLU1030: { kind: 'project', title: 'a dbt manifest that is missing or cannot be read' },
  SLU1031: { kind: 'project', title: 'a dbt manifest of a version that is not read' },
  SLU1032: { kind: 'project', title: 'a name that no dbt model has' },
  SLU1033: { kind: 'project', title: 'a name that several dbt models have' },
  SLU1034: { kind: 'project', title: 'a dbt model that is no table' },
  SLU1035: { kind: 'project', title: 'a dbt profile or target that is not there' },
  SLU1036: { kind: 'project', title: 'a dbt profile with something that is not read' },
  SLU1101: { kind: 'project', title: 'a number is written with a leading zero' },

  // 2xxx: references and meaning (graph); from 2101 on they are warnings, from 2201 on of --select
  SLU2001: { kind: 'project', title: 'a name that no definition has' },
  SLU2002: { kind: 'project', title: 'a reference to a definition that is disabled' },
  SLU2003: { kind: 'project', title: 'a name that is no trait or profile field of the entity' },
  SLU2004: { kind: 'project', title: 'a segment of another entity' },
  SLU2005: { kind: 'project', title: 'definitions that need themselves' },
  SLU2006: { kind: 'project', title: 'a foreign key with another number of columns than the primary key' },
  SLU2007: { kind: 'project', title: 'a source whose rows do not reach the entity' },
  SLU2008: { kind: 'project', title: 'a source whose rows reach the entity in more than one way' },
  SLU2009: { kind: 'project', title: 'a way to the entity that is not there' },
  SLU2010: { kind: 'project', title: 'rows without a time where one is needed' },
  SLU2011: { kind: 'project', title: 'a reference in braces that means nothing here' },
  SLU2012: { kind: 'project', title: 'a consent that cannot be asked' },
  SLU2013: { kind: 'project', title: 'a connector that is not there' },
  SLU2014: { kind: 'project', title: 'a setting that the connector does not take' },
  SLU2015: { kind: 'project', title: 'an object that the connector does not have' },
  SLU2016: { kind: 'project', title: 'something that the object of the destination cannot do' },
  SLU2017: { kind: 'project', title: 'a field by which the object does not find its rows' },
  SLU2018: { kind: 'project', title: 'a key that does not tell rows apart' },
  SLU2019: { kind: 'project', title: 'a part of a sync that does not go with its mode' },
  SLU2021: { kind: 'project', title: 'a former name that another sync has or had' },
  SLU2022: { kind: 'project', title: 'a value that may not be used for the purpose of the sync' },
  SLU2023: { kind: 'project', title: 'a source that stands twice in an identity' },
  SLU2024: { kind: 'project', title: 'a record to be kept apart that is none of the identity' },
  SLU2025: { kind: 'project', title: 'a field that the sync does not map' },
  SLU2026: { kind: 'project', title: 'a rule of candidates over what no record carries' },
  SLU2027: { kind: 'project', title: 'a name that another part of the identity has' },
  SLU2028: { kind: 'project', title: 'facts of events, which are not compared' },
  SLU2101: { kind: 'project', title: 'two syncs set the same field of the same rows' },
  SLU2102: { kind: 'project', title: 'tests that are not run' },
  SLU2201: { kind: 'usage', title: 'a selection that cannot be read' },
  SLU2202: { kind: 'usage', title: 'a selection that matches nothing' },

  // 3xxx: the warehouse
  SLU3001: { kind: 'unavailable', title: 'the warehouse cannot be reached' },
  SLU3002: { kind: 'unavailable', title: 'the warehouse refuses the user, or the user lacks a right' },
  SLU3003: { kind: 'busy', title: 'another process has the database file open' },
  SLU3004: { kind: 'project', title: 'a table, a column or a file that is not there' },
  SLU3005: { kind: 'unavailable', title: 'the warehouse is out of disk space' },
  SLU3006: { kind: 'unavailable', title: 'the warehouse is out of memory' },
  SLU3007: { kind: 'project', title: 'SQL that the warehouse does not understand' },
  SLU3008: { kind: 'failed', title: 'a value that does not convert to the type that is needed' },
  SLU3009: { kind: 'failed', title: 'a row that a constraint of the table forbids' },
  SLU3010: { kind: 'busy', title: 'another transaction was in the way' },
  SLU3011: { kind: 'unavailable', title: 'the connection to the warehouse was lost' },
  SLU3012: { kind: 'unavailable', title: 'a file that is no database, or one that this version cannot read' },
  SLU3013: { kind: 'project', title: 'a setting of the target that cannot be used' },
  SLU3014: { kind: 'project', title: 'a text that SQL cannot hold' },
  SLU3015: { kind: 'project', title: 'a file that the warehouse cannot read as a table' },
  SLU3016: { kind: 'failed', title: 'a statement was cancelled' },
  SLU3017: { kind: 'failed', title: 'the warehouse refused a statement' },
  SLU3018: { kind: 'project', title: 'a pattern with a part that not every warehouse can match' },
  SLU3019: { kind: 'unavailable', title: 'the user of the target may write where nothing of ours stands' },
  SLU3020: { kind: 'unavailable', title: 'the client of a warehouse is not installed' },

  // 4xxx: templates, build, identity
  // 41xx: build
  SLU4101: { kind: 'project', title: 'a time before the last published build' },
  SLU4102: { kind: 'failed', title: 'a primary key that is missing or stands more than once' },
  SLU4103: { kind: 'project', title: 'a source that the warehouse cannot read' },
  SLU4104: { kind: 'project', title: 'a column that the source does not have' },
  SLU4105: { kind: 'failed', title: 'views read a table whose columns have changed' },
  // 42xx: identity
  SLU4201: { kind: 'project', title: 'a country without a calling code' },
  SLU4202: { kind: 'bug', title: 'an identity that cannot be stitched' },
  SLU4203: { kind: 'project', title: 'a similarity that the warehouse does not have' },
  // 43xx: what the model means in SQL (compile)
  SLU4301: { kind: 'project', title: 'a reference in braces that names nothing' },
  SLU4302: { kind: 'project', title: 'SQL that has no text for this type of target' },
  SLU4303: { kind: 'project', title: 'a file as a source of a warehouse that reads none' },
  SLU4308: { kind: 'project', title: 'a condition of a kind that cannot be asked here' },
  SLU4310: { kind: 'project', title: 'a text compared with a number' },
  SLU4311: { kind: 'project', title: 'a tolerance of a field that is no number' },
  SLU4901: { kind: 'bug', title: 'a SQL file of the package is missing or not right' },
  SLU4902: { kind: 'project', title: "a SQL file of the project that cannot take a step's place" },

  // 5xxx: sync and ledger
  // 50xx: the ledger
  SLU5001: { kind: 'busy', title: 'another run holds the lease' },
  SLU5002: { kind: 'failed', title: 'the lease was lost, so nothing more may be written' },
  SLU5003: { kind: 'project', title: 'the state schema belongs to another project or target' },
  SLU5004: { kind: 'project', title: 'the state schema was written by a newer version' },
  SLU5005: { kind: 'project', title: 'match has another number of fields than the keys of the snapshot' },
  SLU5006: { kind: 'bug', title: 'a plan does not hold what was counted' },
  SLU5007: { kind: 'guard', title: 'snapshots say what destinations hold, so the state is not thrown away' },
  SLU5008: { kind: 'usage', title: 'a file that is no whole export of a state schema' },
  SLU5009: { kind: 'usage', title: 'an export that does not fit this project or this version' },
  SLU5010: { kind: 'usage', title: 'a state schema that is in use takes no import' },
  SLU5011: { kind: 'project', title: 'views read tables that are to be dropped' },
  // 51xx: syncs
  SLU5101: { kind: 'guard', title: 'a guard stopped a sync before it sent anything' },
  SLU5102: { kind: 'guard', title: 'the destination is not the one that the snapshot tells of' },
  SLU5103: { kind: 'guard', title: 'an accepted plan that no longer fits' },
  SLU5104: { kind: 'usage', title: 'a plan that is not there to be accepted' },
  SLU5105: { kind: 'unavailable', title: 'the destination refuses what this sync sends: misconfigured' },
  SLU5106: { kind: 'unavailable', title: 'the destination did not take a batch after all its attempts' },
  SLU5107: { kind: 'failed', title: 'the destination rejected more rows than max_rejected' },
  SLU5108: { kind: 'failed', title: 'the lease could not be kept for as long as a request may take' },
  SLU5109: { kind: 'project', title: 'a part of a sync that this version cannot send yet' },
  SLU5110: { kind: 'failed', title: 'the deadline came before the work was done' },
  SLU5111: { kind: 'unavailable', title: 'the warehouse no longer takes the answers of a destination' },
  SLU5112: {
    kind: 'unavailable',
    title: 'a mapped field that the destination does not have, or does not let be written',
  },
  SLU5120: { kind: 'usage', title: 'a key to be tried again that is of no rejected row' },

  // 6xxx: connectors and destinations
  // 60xx: settings of a destination
  SLU6001: {
    kind: 'project',
    title: 'a setting of a destination, or of a sync, is not of the kind that is taken there',
  },
  SLU6002: { kind: 'project', title: 'a destination or a sync lacks a setting that it needs' },
  SLU6003: {
    kind: 'project',
    title: 'a destination or a sync has a setting that its connector does not know',
  },

  // 7xxx: the command line
  SLU7001: { kind: 'usage', title: 'a flag, a command or an argument is wrong' },
  SLU7002: { kind: 'project', title: 'there is no project here' },
  SLU7003: { kind: 'project', title: 'the project has more text than a project may have' },
  SLU7004: { kind: 'project', title: 'a file of the project cannot be read as text' },
  SLU7005: { kind: 'usage', title: '--as-of is no time' },
  SLU7006: { kind: 'usage', title: 'a name on the command line is no name of the project' },
  SLU7007: { kind: 'project', title: 'no target was named and the project has no default' },
  SLU7008: {
    kind: 'usage',
    title: 'the target needs a warehouse or dialect that this version does not have',
  },
  SLU7009: { kind: 'guard', title: 'the target says that nothing may be sent from it' },
  SLU7010: { kind: 'project', title: 'there is no published build to read' },
  SLU7011: { kind: 'failed', title: 'stopped by a signal; the state is saved' },
  SLU7012: { kind: 'usage', title: 'a file that would be written is there already' },
  SLU7013: { kind: 'project', title: 'no sync has a schedule to serve' },
  SLU7014: { kind: 'failed', title: 'no entity, or more than one, is meant' },
  SLU7015: { kind: 'failed', title: 'the sources no longer say what the published build says' },
  SLU7016: { kind: 'failed', title: 'an entity of more records than can be searched' },
  SLU7017: { kind: 'unavailable', title: 'Node.js is older than is needed' },
  SLU7018: { kind: 'usage', title: 'a question that nobody is there to answer' },
  SLU7019: { kind: 'usage', title: 'a file that cannot be written' },

  // 9xxx: our bugs
  SLU9001: { kind: 'bug', title: 'a case that cannot happen happened' },
} as const satisfies Record<string, CodeEntry>

export type ErrorCode = keyof typeof CODES
