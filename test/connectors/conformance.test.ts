import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ROW_CASES } from './cases/rows.ts'
import { declare } from './declare.ts'
import { REGISTERED } from './subjects.ts'

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

declare(ROW_CASES)
