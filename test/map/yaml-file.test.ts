import assert from 'node:assert/strict'
import { mkdtemp, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openYamlFile } from '../../lambda/map/yaml-file.ts'

async function file(text: string): Promise<{ path: string; save(text: string): Promise<void> }> {
  const path = join(await mkdtemp(join(tmpdir(), 'messages-lambda-')), 'gateway.yaml')
  await writeFile(path, text)
  let saves = 0
  return {
    path,
    save: async (changed) => {
      await writeFile(path, changed)
      // Two saves may fall into one tick of the file system's clock.
      const later = new Date(Date.now() + ++saves * 5000)
      await utimes(path, later, later)
    },
  }
}

const config = (alias: string) => `models: { ${alias}: { target: demo/echo } }\n`

test('a changed file is read again; one that cannot be read leaves the last good state and is told once', async () => {
  const told: string[] = []
  const note = (message: string) => void told.push(message)
  const log = { debug: note, info: note, warn: note, error: note }
  const { path, save } = await file(config('first'))
  const map = await openYamlFile(path, { environment: 'local' }, log, 0)
  assert.deepEqual((await map.current()).aliases, ['first'])
  await save(config('second'))
  assert.deepEqual((await map.current()).aliases, ['second'])
  await save('models: [broken')
  assert.deepEqual((await map.current()).aliases, ['second'])
  assert.deepEqual((await map.current()).aliases, ['second'])
  assert.equal(told.filter((message) => message.includes('last good one')).length, 1)
  await save(config('third'))
  assert.deepEqual((await map.current()).aliases, ['third'])
})

test('turns that follow each other do not each look at the file', async () => {
  const silent = { debug() {}, info() {}, warn() {}, error() {} }
  const { path, save } = await file(config('first'))
  const map = await openYamlFile(path, { environment: 'local' }, silent, 60_000)
  await save(config('second'))
  assert.deepEqual((await map.current()).aliases, ['first'])
})
