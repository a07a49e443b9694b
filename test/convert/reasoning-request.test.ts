import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import { toChatRequest } from '../../lambda/convert/chat-request.ts'
import { effortOfBudget, nearestLevel } from '../../lambda/convert/reasoning-request.ts'
import type { PartialQuirks } from '../../lambda/providers/quirks.ts'
import { testTarget } from '../harness/test-target.ts'

const FIELDS = [
  'reasoning_effort',
  'reasoning',
  'thinking',
  'enable_thinking',
  'thinking_budget',
  'chat_template_kwargs',
  'extra_body',
  'reasoning_split',
  'reasoning_budget',
]

/** The fields of the body that speak of reasoning. */
function ask(quirks: PartialQuirks, rest: Partial<MessagesRequest>) {
  const request: MessagesRequest = {
    model: 'm',
    max_tokens: 32_000,
    messages: [{ role: 'user', content: 'hi' }],
    ...rest,
  }
  const { body, rules } = toChatRequest(request, testTarget(quirks), { messageId: 'msg_1', alias: 'm' })
  return {
    fields: Object.fromEntries(Object.entries(body).filter(([key]) => FIELDS.includes(key))),
    body,
    rules,
  }
}

const HIGH: Partial<MessagesRequest> = { thinking: { type: 'adaptive' }, output_config: { effort: 'high' } }
const OFF: Partial<MessagesRequest> = { thinking: { type: 'disabled' }, output_config: { effort: 'high' } }
const BUDGET: Partial<MessagesRequest> = { thinking: { type: 'enabled', budget_tokens: 2000 } }

describe('thinking and effort', () => {
  const forms: [string, PartialQuirks, object, object, object][] = [
    ['no field', {}, {}, {}, {}],
    [
      'reasoning_effort',
      { reasoning_request: 'reasoning_effort' },
      { reasoning_effort: 'high' },
      { reasoning_effort: 'low' },
      { reasoning_effort: 'low' },
    ],
    [
      'reasoning_effort with none',
      { reasoning_request: 'reasoning_effort', reasoning_levels: ['none', 'low', 'medium'] },
      { reasoning_effort: 'medium' },
      { reasoning_effort: 'low' },
      { reasoning_effort: 'none' },
    ],
    [
      'OpenRouter’s object',
      { reasoning_request: 'reasoning', reasoning_budget_field: 'reasoning.max_tokens' },
      { reasoning: { effort: 'high' } },
      { reasoning: { max_tokens: 2000 } },
      { reasoning: { enabled: false } },
    ],
    [
      'thinking',
      { reasoning_request: 'thinking' },
      { thinking: { type: 'enabled' } },
      { thinking: { type: 'enabled' } },
      { thinking: { type: 'disabled' } },
    ],
    [
      'thinking with a budget',
      { reasoning_request: 'thinking', reasoning_budget_field: 'thinking.budget_tokens' },
      { thinking: { type: 'enabled' } },
      { thinking: { type: 'enabled', budget_tokens: 2000 } },
      { thinking: { type: 'disabled' } },
    ],
    [
      'thinking and effort',
      {
        reasoning_request: 'thinking_and_effort',
        reasoning_levels: ['low', 'high', 'max'],
        reasoning_on_value: 'adaptive',
      },
      { thinking: { type: 'adaptive' }, reasoning_effort: 'high' },
      { thinking: { type: 'adaptive' }, reasoning_effort: 'low' },
      { thinking: { type: 'disabled' } },
    ],
    [
      'enable_thinking',
      { reasoning_request: 'enable_thinking', reasoning_budget_field: 'thinking_budget' },
      { enable_thinking: true },
      { enable_thinking: true, thinking_budget: 2000 },
      { enable_thinking: false },
    ],
    [
      'chat_template_kwargs',
      { reasoning_request: 'chat_template_kwargs', reasoning_template_key: 'thinking' },
      { chat_template_kwargs: { thinking: true } },
      { chat_template_kwargs: { thinking: true } },
      { chat_template_kwargs: { thinking: false } },
    ],
    [
      'Gemini’s level',
      { reasoning_request: 'google_thinking_config' },
      { extra_body: { google: { thinking_config: { include_thoughts: true, thinking_level: 'high' } } } },
      { extra_body: { google: { thinking_config: { include_thoughts: true, thinking_level: 'low' } } } },
      { extra_body: { google: { thinking_config: { include_thoughts: false, thinking_level: 'low' } } } },
    ],
    [
      'Gemini’s budget',
      {
        reasoning_request: 'google_thinking_config',
        reasoning_budget_field: 'extra_body.google.thinking_config.thinking_budget',
      },
      { extra_body: { google: { thinking_config: { include_thoughts: true } } } },
      { extra_body: { google: { thinking_config: { include_thoughts: true, thinking_budget: 2000 } } } },
      { extra_body: { google: { thinking_config: { include_thoughts: false, thinking_budget: 0 } } } },
    ],
  ]
  for (const [name, quirks, high, budget, off] of forms) {
    test(`go as ${name}`, () => {
      assert.deepEqual(ask(quirks, HIGH).fields, high)
      assert.deepEqual(ask(quirks, BUDGET).fields, budget)
      assert.deepEqual(ask(quirks, OFF).fields, off)
      assert.deepEqual(ask(quirks, { thinking: { type: 'between_tools' } }).fields, off)
    })
  }

  test('switch a line of the system prompt where the model knows only that', () => {
    const quirks: PartialQuirks = {
      reasoning_request: 'system_text',
      reasoning_system_text: ['think', 'do not think'],
    }
    assert.equal(ask(quirks, HIGH).body.messages[0]?.content, 'think')
    assert.equal(ask(quirks, { ...OFF, system: 's' }).body.messages[0]?.content, 'do not think\n\ns')
  })

  test('are not spoken of when the caller says nothing, unless the record asks', () => {
    const quirks: PartialQuirks = { reasoning_request: 'thinking' }
    assert.deepEqual(ask(quirks, {}).fields, {})
    assert.deepEqual(ask({ ...quirks, reasoning_default: 'ask' }, {}).fields, {
      thinking: { type: 'enabled' },
    })
  })

  test('ask for the least where thinking cannot be switched off', () => {
    const quirks: PartialQuirks = {
      reasoning_request: 'reasoning_effort',
      reasoning_off: 'unsupported',
      reasoning_levels: ['medium', 'high'],
    }
    assert.deepEqual(ask(quirks, OFF).fields, { reasoning_effort: 'medium' })
  })

  test('follow the last system message that names an effort', () => {
    const messages: MessagesRequest['messages'] = [
      { role: 'user', content: 'a' },
      { role: 'system', content: [], output_config: { effort: 'low' } },
      { role: 'system', content: 'x' },
    ]
    assert.deepEqual(
      ask({ reasoning_request: 'reasoning_effort' }, { messages, output_config: { effort: 'high' } }).fields,
      { reasoning_effort: 'low' },
    )
  })

  test('bring the record’s own fields only while thinking', () => {
    const quirks: PartialQuirks = {
      reasoning_request: 'thinking',
      thinking_body: { reasoning_split: true, thinking: { clear_thinking: false } },
    }
    assert.deepEqual(ask(quirks, HIGH).fields, {
      thinking: { type: 'enabled', clear_thinking: false },
      reasoning_split: true,
    })
    assert.deepEqual(ask(quirks, OFF).fields, { thinking: { type: 'disabled' } })
  })

  test('keep a budget below the output limit', () => {
    const quirks: PartialQuirks = {
      reasoning_request: 'enable_thinking',
      reasoning_budget_field: 'thinking_budget',
    }
    assert.equal(ask(quirks, { ...BUDGET, max_tokens: 1500 }).fields['thinking_budget'], 1499)
  })

  test('go to the nearest level, the higher of two', () => {
    assert.equal(nearestLevel('xhigh', ['low', 'medium', 'high']), 'high')
    assert.equal(nearestLevel('medium', ['low', 'high']), 'high')
    assert.equal(nearestLevel('max', ['none', 'default']), 'default')
    assert.equal(nearestLevel('something new', ['low', 'high', 'max']), 'high')
    assert.equal(nearestLevel('low', []), undefined)
    assert.deepEqual([1024, 8192, 24_576].map(effortOfBudget), ['low', 'medium', 'high'])
  })

  test('decide what the caller sees of the reasoning', () => {
    const shown = (thinking: MessagesRequest['thinking']) => ask({}, { thinking }).rules.thinking
    assert.equal(shown({ type: 'adaptive', display: 'updates' }), 'shown')
    assert.equal(shown({ type: 'adaptive', display: 'omitted' }), 'omitted')
    assert.equal(shown({ type: 'disabled' }), 'hidden')
    assert.equal(shown(undefined), 'shown')
  })
})
