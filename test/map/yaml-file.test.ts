import assert from 'node:assert/strict'
import { mkdtemp, rm, unlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, beforeEach, describe, test } from 'node:test'
import type { ModelMapSource } from '../../lambda/map/model-map.ts'
import { openYamlFile } from '../../lambda/map/yaml-file.ts'
import { recordedLog } from '../harness/recorded-log.ts'

describe('a gateway.yaml as the source of the map', () => {
  let folder: string
  let file: string
  let stamp = 1_700_000_000
  const log = recordedLog()

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yaml-file-'))
    file = join(folder, 'gateway.yaml')
  })
  after(() => rm(folder, { recursive: true }))
  beforeEach(() => {
    log.lines.length = 0
  })

  /** Writes and moves the file's time on, which a fast test would not do by itself. */
  async function write(text: string): Promise<void> {
    await writeFile(file, text)
    stamp += 10
    await utimes(file, stamp, stamp)
  }

  async function modelOf(source: ModelMapSource): Promise<string> {
    return (await source.current()).resolve('glm').targets[0].model
  }

  test('is read when it is opened, and again when it changes', async () => {
    await write('models: { glm: { target: demo/one } }')
    const source = await openYamlFile(file, { environment: 'local', variables: {} }, log, 0)
    assert.equal(await modelOf(source), 'one')
    await write('models: { glm: { target: demo/two } }')
    assert.equal(await modelOf(source), 'two')
    const first = await source.current()
    assert.equal(await source.current(), first)
  })

  test('keeps its last good state when it breaks or goes, says so once, and recovers', async () => {
    await write('models: { glm: { target: demo/one } }')
    const source = await openYamlFile(file, { environment: 'local', variables: {} }, log, 0)
    await write('models: { glm: { targt: demo/two } }')
    for (let turn = 0; turn < 3; turn += 1) assert.equal(await modelOf(source), 'one')
    assert.equal(log.at('error').length, 1)
    assert.match(
      String(log.at('error')[0]?.fields['reason']),
      /models\.glm\.targt: unknown key; did you mean "target"\?/,
    )
    await unlink(file)
    for (let turn = 0; turn < 3; turn += 1) assert.equal(await modelOf(source), 'one')
    assert.equal(log.at('error').length, 2)
    await write('models: { glm: { target: demo/three } }')
    assert.equal(await modelOf(source), 'three')
  })

  test('is refused at the start when it is wrong or not there', async () => {
    await write('models: { glm: {} }')
    await assert.rejects(openYamlFile(file, { environment: 'local' }, log), /models\.glm: needs target/)
    await assert.rejects(openYamlFile(join(folder, 'nowhere.yaml'), { environment: 'local' }, log), {
      message: /nowhere\.yaml: there is no such file\. Name it with --config/,
    })
  })
})
