import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  parseCountTokensRequest,
  parseMessagesRequest,
} from '../../lambda/anthropic/parse-messages-request.ts'
import { toChatRequest } from '../../lambda/convert/chat-request.ts'
import { estimateInputTokens } from '../../lambda/convert/input-tokens.ts'
import { GatewayError } from '../../lambda/errors.ts'
import { type PartialQuirks, STANDARD } from '../../lambda/providers/quirks.ts'
import { cases } from '../harness/cases.ts'
import { brokenChatRules } from '../harness/chat-request-rules.ts'
import { testTarget } from '../harness/test-target.ts'

const TURN = { messageId: 'msg_1', alias: 'm' }
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value))

const QUIRKS: readonly PartialQuirks[] = [
  {},
  {
    system_messages: 'first_only',
    content_form: 'string',
    tool_choice: ['auto'],
    response_format: 'json_object',
  },
  {
    schema_refs: 'inline',
    schema_one_of: 'any_of',
    schema_string_enums: true,
    schema_drop: ['allOf', 'const', 'default'],
    tool_signature: 'google',
  },
  { tools: false, prefill: 'none', assistant_after_tool: true },
  {
    response_format: 'forced_tool',
    cache_control: true,
    files: 'pdf',
    tool_id_form: 'alphanumeric_9',
    reasoning_back: 'reasoning_content',
    reasoning_back_required: true,
  },
]
const EXTRAS = {
  body: ['extra_body'],
  assistant: ['reasoning_content', 'reasoning', 'reasoning_details', 'prefix', 'partial'],
}

/** An answer or a 4xx in the caller's envelope; anything else is our defect. */
function convertOrRefuse(body: unknown, quirks: PartialQuirks): string | undefined {
  try {
    const converted = toChatRequest(parseMessagesRequest(bytes(body)), testTarget(quirks), TURN)
    return JSON.stringify(converted.body)
  } catch (error) {
    assert.ok(error instanceof GatewayError, String(error instanceof Error ? error.stack : error))
    assert.ok(error.status >= 400 && error.status < 500, error.message)
    return undefined
  }
}

const quirks = fc.constantFrom(...QUIRKS)
const BLOCK_TYPES = [
  'text',
  'image',
  'document',
  'search_result',
  'thinking',
  'redacted_thinking',
  'tool_use',
  'tool_result',
  'server_tool_use',
  'web_search_tool_result',
  'web_fetch_tool_result',
  'code_execution_tool_result',
  'bash_code_execution_tool_result',
  'tool_search_tool_result',
  'mcp_tool_use',
  'mcp_tool_result',
  'container_upload',
  'compaction',
  'tool_reference',
  'browser_state',
  'tool_addition',
  'tool_removal',
  'mcp_tool_listing',
  'advisor_tool_result',
  'fallback',
  'invented',
]
const wildBlock = fc.record(
  {
    type: fc.constantFrom(...BLOCK_TYPES),
    text: fc.jsonValue(),
    id: fc.constantFrom('a', 'b', ''),
    name: fc.constantFrom('f', '', 'g.h'),
    input: fc.jsonValue(),
    tool_use_id: fc.constantFrom('a', 'b', 'c'),
    content: fc.oneof(
      fc.jsonValue(),
      fc.array(fc.record({ type: fc.constantFrom(...BLOCK_TYPES), text: fc.string() })),
    ),
    source: fc.oneof(
      fc.jsonValue(),
      fc.record({
        type: fc.constantFrom('base64', 'url', 'text', 'content', 'file'),
        data: fc.string(),
        media_type: fc.constantFrom('image/png', 'application/pdf'),
      }),
    ),
    tool: fc.jsonValue(),
    is_error: fc.boolean(),
    signature: fc.string(),
    tools: fc.jsonValue(),
  },
  { requiredKeys: ['type'] },
)
const wildMessage = fc.record({
  role: fc.constantFrom('user', 'assistant', 'system'),
  content: fc.oneof(fc.string(), fc.array(wildBlock, { maxLength: 6 })),
})
const schema = fc.letrec((tie) => ({
  node: fc.record(
    {
      type: fc.constantFrom('object', 'array', 'string', 'integer', ['string', 'null']),
      properties: fc.dictionary(fc.constantFrom('a', 'b', '$ref', '__proto__'), tie('inner'), { maxKeys: 3 }),
      items: tie('inner'),
      anyOf: fc.array(tie('inner'), { maxLength: 2 }),
      oneOf: fc.array(tie('inner'), { maxLength: 2 }),
      allOf: fc.array(tie('inner'), { maxLength: 2 }),
      $ref: fc.constantFrom('#', '#/$defs/A', 'other.json'),
      $defs: fc.record({ A: tie('inner') }),
      enum: fc.array(fc.jsonValue(), { maxLength: 2 }),
      required: fc.jsonValue(),
      additionalProperties: fc.oneof(fc.boolean(), tie('inner')),
    },
    { requiredKeys: [] },
  ),
  inner: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom({ type: 'string' }, {}, { $ref: '#/$defs/A' }),
    tie('node'),
  ),
})).node
const wildRequest = fc.record(
  {
    model: fc.constant('m'),
    max_tokens: fc.nat(),
    messages: fc.array(wildMessage, { minLength: 1, maxLength: 8 }),
    system: fc.oneof(fc.string(), fc.array(fc.record({ type: fc.constant('text'), text: fc.string() }))),
    tools: fc.array(
      fc.record(
        {
          name: fc.constantFrom('f', 'g.h', 'i'),
          description: fc.string(),
          input_schema: schema,
          type: fc.constantFrom('custom', 'bash_20250124', 'web_search_20250305', null),
          defer_loading: fc.boolean(),
          strict: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      { maxLength: 3 },
    ),
    tool_choice: fc.record({
      type: fc.constantFrom('auto', 'any', 'tool', 'none'),
      name: fc.constantFrom('f', 'g.h'),
    }),
    thinking: fc.record({
      type: fc.constantFrom('enabled', 'disabled', 'adaptive'),
      budget_tokens: fc.nat(),
    }),
    output_config: fc.record(
      { effort: fc.string(), format: fc.record({ type: fc.constant('json_schema'), schema }) },
      { requiredKeys: [] },
    ),
    stop_sequences: fc.array(fc.string()),
    metadata: fc.record({ user_id: fc.string() }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
  },
  { requiredKeys: ['model', 'max_tokens', 'messages'] },
)

describe('a request from anybody', () => {
  test('is answered or refused, whatever JSON it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), quirks, (body, set) => void convertOrRefuse(body, set)),
      cases(150),
    )
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), quirks, (messages, tools, set) => {
        convertOrRefuse({ model: 'm', max_tokens: 1, messages, tools }, set)
      }),
      cases(150),
    )
  })

  test('gives the same bytes twice, which keep OpenAI’s rules', () => {
    fc.assert(
      fc.property(wildRequest, quirks, (body, set) => {
        const first = convertOrRefuse(body, set)
        assert.equal(convertOrRefuse(body, set), first)
        if (first !== undefined) assert.deepEqual(brokenChatRules(JSON.parse(first), EXTRAS), [])
      }),
      cases(400),
    )
  })

  test('is counted or refused', () => {
    fc.assert(
      fc.property(wildRequest, (body) => {
        try {
          const tokens = estimateInputTokens(parseCountTokensRequest(bytes(body)), STANDARD)
          assert.ok(Number.isSafeInteger(tokens) && tokens > 0)
        } catch (error) {
          assert.ok(error instanceof GatewayError && error.status < 500, String(error))
        }
      }),
      cases(200),
    )
  })
})

/** Histories as a client makes them: every call answered in the next message, results before or after text. */
const legalHistory = fc
  .array(
    fc.record({
      calls: fc.nat({ max: 3 }),
      text: fc.boolean(),
      after: fc.boolean(),
      image: fc.boolean(),
      system: fc.boolean(),
    }),
    { minLength: 1, maxLength: 12 },
  )
  .map((rounds) =>
    rounds.flatMap((round, number) => {
      const ids = Array.from({ length: round.calls }, (_, index) => `call_${number}_${index}`)
      const texts = round.after || ids.length === 0 ? [{ type: 'text', text: `next ${number}` }] : []
      const content = round.image
        ? [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }]
        : 'done'
      return [
        ...(number === 0 ? [{ role: 'user', content: 'start' }] : []),
        {
          role: 'assistant',
          content: [
            ...(round.text || ids.length === 0 ? [{ type: 'text', text: 'well' }] : []),
            ...ids.map((id) => ({ type: 'tool_use', id, name: 'f', input: { id } })),
          ],
        },
        {
          role: 'user',
          content: [...ids.map((id) => ({ type: 'tool_result', tool_use_id: id, content })), ...texts],
        },
        ...(round.system ? [{ role: 'system', content: 'note' }] : []),
      ]
    }),
  )

test('every legal history keeps each call and its result, and OpenAI’s rules', () => {
  fc.assert(
    fc.property(legalHistory, quirks, (messages, set) => {
      const { body } = toChatRequest(
        parseMessagesRequest(bytes({ model: 'm', max_tokens: 9, messages })),
        testTarget(set),
        TURN,
      )
      assert.deepEqual(brokenChatRules(body, EXTRAS), [])
      if (set.tools === false) return
      const calls = body.messages.flatMap((message) => message.tool_calls ?? [])
      const results = body.messages.filter((message) => message.role === 'tool')
      assert.equal(
        calls.length,
        messages.flatMap((message) =>
          Array.isArray(message.content) ? message.content.filter((block) => block.type === 'tool_use') : [],
        ).length,
      )
      assert.equal(results.length, calls.length)
      assert.ok(!JSON.stringify(body).includes('is missing from the conversation'))
    }),
    cases(150),
  )
})
