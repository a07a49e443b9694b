import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { renameModel } from '../../lambda/convert/rename-model.ts'
import { cases } from '../harness/cases.ts'

function renamed(json: string, model = 'new'): string {
  return new TextDecoder().decode(renameModel(new TextEncoder().encode(json), model))
}

test('changes the model and no other byte', () => {
  assert.equal(
    renamed('{"a": 1.0,\n "model"\t:\r\n"old" , "b":"ü"}'),
    '{"a": 1.0,\n "model"\t:\r\n"new" , "b":"ü"}',
  )
})

test("leaves alone what is called model but is not the request's own", () => {
  const json =
    '{"metadata":{"model":"x"},"messages":[{"model":"y","content":"\\"model\\":\\"z\\""}],"model":"old","x":"model"}'
  assert.equal(renamed(json), json.replace('"old"', '"new"'))
})

test('changes all of several, since a parser takes the last', () => {
  assert.equal(
    renamed('{"model":"a","model":"b","m\\u006fdel":"c"}'),
    '{"model":"new","model":"new","m\\u006fdel":"new"}',
  )
})

test('is stopped neither by escapes nor by a name that needs them', () => {
  assert.equal(
    renamed('{"a\\\\":"\\\\\\"","model":"a\\"b"}', 'q"\\'),
    '{"a\\\\":"\\\\\\"","model":"q\\"\\\\"}',
  )
})

test('any JSON object stays the same but for its model', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.string(),
      fc.boolean(),
      (fields, model, spaced) => {
        const request = { ...fields, model: 'old', after: fields }
        const json = JSON.stringify(request, null, spaced ? 2 : 0)
        assert.deepEqual(JSON.parse(renamed(json, model)), JSON.parse(JSON.stringify({ ...request, model })))
      },
    ),
    cases(200),
  )
})
