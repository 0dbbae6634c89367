/** Where `init` puts the JSON Schema that the modeline of its files names; `validate` keeps it up to date. */
export const EDITOR_SCHEMA = '.sluice/schema.json'
