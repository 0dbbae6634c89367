import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RULESETS } from '../../src/compile/normalize/rulesets.ts'
import { ROW_CASES } from './cases/rows.ts'
import { declare } from './declare.ts'
import { REGISTERED, SUBJECTS } from './subjects.ts'

test('every connector is registered under its own name, with a fake, and its manifest is whole', async () => {
  for (const [name, { manifest, load, loadFake }] of REGISTERED) {
    assert.equal(manifest.name, name)
    assert.equal((await load()).manifest, manifest)
    assert.equal(typeof (await loadFake()), 'function')
    assert.ok(Object.keys(manifest.objects).length > 0)
    for (const [setting, definition] of Object.entries(manifest.settings)) {
      assert.match(setting, /^[a-z][a-z0-9_]*$/)
      assert.match(definition.description, /^[A-Z].*\.$/, `${name}.${setting}`)
      assert.ok(definition.required !== true || definition.default === undefined)
    }
    for (const [object, definition] of Object.entries(manifest.objects)) {
      assert.match(object, /^([a-z][a-z0-9_]*|\*)$/)
      const { itemsSetting, maxBytes, maxItems } = definition.batch
      assert.ok(maxItems >= 1 && maxBytes >= 1000)
      if (itemsSetting !== undefined) assert.equal(manifest.settings[itemsSetting]?.maximum, maxItems)
      assert.equal(definition.modes.includes('mirror'), definition.remove === 'delete')
      for (const key of Object.keys(definition.keyNormalizers))
        assert.ok(definition.keys?.includes(key) ?? true)
    }
    for (const method of manifest.auth ?? [])
      for (const need of method.needs) assert.ok(Object.hasOwn(manifest.settings, need), `${name}: ${need}`)
  }
})

test('what finds people is named with a ruleset that there is, and an audience is what it is held for', () => {
  for (const { name, definition } of SUBJECTS) {
    const { identifiers, audience, settings, keys, modes, fields, eventsWithinDays } = definition
    const { alone = {}, together = {}, details = {}, orFields = [] } = identifiers ?? {}
    const named = [alone, details, ...Object.values(together)].flatMap((one) => Object.entries(one))
    for (const [kind, ruleset] of named) {
      assert.match(kind, /^[a-z][a-z_]*$/)
      assert.ok(RULESETS.has(ruleset), `${name}: ${ruleset}`)
    }
    assert.equal(new Set(named.map(([kind]) => kind)).size, named.length, name)
    for (const field of orFields) assert.ok(fields?.[field] !== undefined, `${name}: ${field}`)
    if (eventsWithinDays !== undefined) assert.deepEqual(modes, ['insert'], name)
    if (audience === undefined) continue
    assert.ok(identifiers !== undefined && audience.fewest > 0, name)
    assert.deepEqual([keys, modes, definition.remove], [['id'], ['upsert', 'mirror'], 'delete'], name)
    const lifetime = settings?.[audience.lifetimeDaysSetting ?? '']
    if (audience.lifetimeDaysSetting !== undefined)
      assert.deepEqual([lifetime?.type, typeof lifetime?.default], ['integer', 'number'], name)
  }
})

declare(ROW_CASES)
