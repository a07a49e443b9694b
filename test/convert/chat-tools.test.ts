import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { MessagesRequest } from '../../lambda/anthropic/messages-request.ts'
import { toChatRequest } from '../../lambda/convert/chat-request.ts'
import { GatewayError } from '../../lambda/errors.ts'
import type { PartialQuirks } from '../../lambda/providers/quirks.ts'
import { brokenChatRules } from '../harness/chat-request-rules.ts'
import { foldMessage, replayChunks } from '../harness/replay.ts'
import { sdkFold } from '../harness/sdk-fold.ts'
import { testTarget } from '../harness/test-target.ts'

const OBJECT = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] }
const tool = (name: string, rest: object = {}) => ({
  name,
  description: `Does ${name}.`,
  input_schema: OBJECT,
  ...rest,
})

function convert(rest: Partial<MessagesRequest>, quirks: PartialQuirks = {}) {
  const request: MessagesRequest = {
    model: 'glm',
    max_tokens: 100,
    messages: [{ role: 'user', content: 'hi' }],
    ...rest,
  }
  const converted = toChatRequest(request, testTarget(quirks), { messageId: 'msg_1', alias: 'glm' })
  const broken = brokenChatRules(converted.body, { body: ['parallel_function_calling', 'tool_stream'] })
  assert.deepEqual(
    broken.filter((text) => converted.body.tool_choice !== 'any' || text !== 'tool_choice: unknown'),
    [],
  )
  return converted
}
const namesOf = (rest: Partial<MessagesRequest>, quirks: PartialQuirks = {}) =>
  convert(rest, quirks).body.tools?.map((one) => one.function.name)

describe('tools', () => {
  test('become functions with their schema, description and examples', () => {
    const { body } = convert({
      tools: [tool('f', { input_examples: [{ a: 'x' }], eager_input_streaming: true })],
    })
    assert.deepEqual(body.tools, [
      {
        type: 'function',
        function: {
          name: 'f',
          description: 'Does f.\n\nExamples of input:\n{"a":"x"}',
          parameters: { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
        },
      },
    ])
  })

  test('of an empty list are not sent, nor is a choice among them', () => {
    const { body } = convert({ tools: [], tool_choice: { type: 'any' } })
    assert.ok(!('tools' in body) && !('tool_choice' in body))
  })

  test('with long or odd names go under short ones, from which the way back finds the caller’s', () => {
    const long = `mcp__server__${'x'.repeat(80)}`
    const { body, rules } = convert({
      tools: [tool(long), tool('add.numbers'), tool('add_numbers')],
      tool_choice: { type: 'tool', name: long },
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: long, input: {} }] }],
    })
    const [first = '', second = '', third] = body.tools?.map((one) => one.function.name) ?? []
    assert.equal(first.length, 64)
    assert.match(first, /^mcp__server__x{42}_[0-9a-f]{8}$/)
    assert.match(second, /^add_numbers_[0-9a-f]{8}$/)
    assert.equal(third, 'add_numbers')
    assert.deepEqual(
      [...rules.toolNames],
      [
        [first, long],
        [second, 'add.numbers'],
      ],
    )
    assert.deepEqual(body.tool_choice, { type: 'function', function: { name: first } })
    assert.equal(body.messages[0]?.tool_calls?.[0]?.function.name, first)
  })

  test('are left out for a model without tools where the operator wants that, and the model knows', () => {
    const { body } = convert(
      { tools: [tool('f'), tool('g')], tool_choice: { type: 'tool', name: 'f' } },
      { tools: false, unaccepted_tools: 'left_out' },
    )
    assert.deepEqual([body.tools, body.tool_choice], [undefined, undefined])
    assert.match(JSON.stringify(body.messages), /These tools are not available here: f, g\./)
    assert.throws(() => convert({ tools: [tool('f')] }, { tools: false }), /takes no tools/)
  })

  test('need a name and an object schema, each name once, and no more than the model takes', () => {
    const wrong: [Partial<MessagesRequest>, RegExp][] = [
      [{ tools: [{ input_schema: OBJECT }] }, /^GatewayError: tools\.0\.name: Field required/],
      [{ tools: [{ name: 'f' }] }, /tools\.0\.input_schema: Field required/],
      [
        { tools: [tool('f', { input_schema: { type: 'string' } })] },
        /tools\.0\.input_schema\.type: Input should be 'object'/,
      ],
      [{ tools: [tool('f'), tool('f')] }, /Tool names must be unique/],
      [{ tools: [tool('f')], tool_choice: { type: 'tool', name: 'g' } }, /tool_choice\.name/],
    ]
    for (const [rest, message] of wrong) assert.throws(() => convert(rest), message)
    assert.throws(
      () => convert({ tools: [tool('f'), tool('g')] }, { max_tools: 1 }),
      /2 tools are more than the 1/,
    )
    assert.throws(
      () => convert({ tools: [tool('f')] }, { tools: false }),
      (error) => error instanceof GatewayError && error.kind === 'unsupported',
    )
  })

  test('of the caller that Anthropic defines become functions with their published inputs', () => {
    const { body } = convert({
      tools: [
        { type: 'bash_20250124', name: 'bash' },
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool', max_characters: 5000 },
        { type: 'memory_20250818', name: 'memory' },
        { type: 'computer_20250124', name: 'computer', display_width_px: 1024, display_height_px: 768 },
      ],
    })
    const propertiesOf = (index: number) =>
      Object.keys(Object(body.tools?.[index]?.function.parameters?.['properties']))
    assert.deepEqual(
      body.tools?.map((one) => one.function.name),
      ['bash', 'str_replace_based_edit_tool', 'memory', 'computer'],
    )
    assert.deepEqual(propertiesOf(0), ['command', 'restart'])
    assert.ok(propertiesOf(1).includes('insert_text'))
    assert.ok(propertiesOf(2).includes('old_path'))
    assert.ok(propertiesOf(3).includes('coordinate'))
  })

  test('of a toolset become one function each, and come back as its members', () => {
    const { body, rules } = convert({
      tools: [
        { type: 'computer_toolset_20260801', configs: { zoom: { enabled: false } } },
        { type: 'browser_toolset_20260801' },
      ],
    })
    const names = body.tools?.map((one) => one.function.name) ?? []
    assert.ok(
      names.includes('computer_left_click') &&
        names.includes('browser_left_click') &&
        !names.includes('computer_zoom'),
    )
    assert.equal(rules.toolNames.get('computer_left_click'), 'left_click')
    assert.equal(rules.toolsets?.get('computer_left_click'), 'computer')
    assert.equal(rules.toolsets?.get('browser_left_click'), 'browser')
  })

  test('of a toolset: a call names its family, and finds its way back into the history', async () => {
    const tools = [{ type: 'computer_toolset_20260801' }, tool('left_click')]
    const { rules } = convert({ tools })
    const delta = {
      tool_calls: ['computer_left_click', 'left_click'].map((name, index) => ({
        index,
        id: `call_${index}`,
        function: { name, arguments: '{"a":"x"}' },
      })),
    }
    const events = await replayChunks([{ choices: [{ delta, finish_reason: 'tool_calls' }] }], rules)
    const { content } = await sdkFold(events)
    assert.deepEqual(foldMessage(events).content, content)
    const caller = { type: 'direct' }
    const call = { type: 'tool_use', name: 'left_click', input: { a: 'x' }, caller }
    assert.deepEqual(content, [
      { ...call, id: 'call_0', toolset_name: 'computer' },
      { ...call, id: 'call_1' },
    ])
    const blocks = content.map((block) => ({ ...block }))
    const { body } = convert({ tools, messages: [{ role: 'assistant', content: blocks }] })
    assert.deepEqual(
      body.messages[0]?.tool_calls?.map((one) => one.function.name),
      ['computer_left_click', 'left_click'],
    )
  })

  test('that only Anthropic’s servers run are left out, and the model is told', () => {
    const { body } = convert({
      tools: [{ type: 'web_search_20250305', name: 'web_search', max_uses: 8 }],
      tool_choice: { type: 'auto' },
    })
    assert.ok(!('tools' in body))
    assert.match(String(body.messages[0]?.content), /not available here: web_search/)
  })

  test('give way to the caller’s own of the same name when Anthropic’s servers would have run them', () => {
    assert.deepEqual(
      namesOf({ tools: [{ type: 'web_search_20250305', name: 'web_search' }, tool('web_search')] }),
      ['web_search'],
    )
  })

  test('that only code on Anthropic’s servers may call are not offered', () => {
    assert.deepEqual(
      namesOf({
        tools: [
          tool('f', { allowed_callers: ['code_execution_20260120'] }),
          tool('g', { allowed_callers: ['direct'] }),
        ],
      }),
      ['g'],
    )
  })
})

describe('deferred tools', () => {
  const tools = [
    tool('ToolSearch'),
    tool('DeferredToolPlaceholder', { defer_loading: true }),
    tool('found', { defer_loading: true }),
    tool('used', { defer_loading: true }),
    tool('unknown', { defer_loading: true }),
  ]
  test('are offered once a reference names them or the history calls them', () => {
    assert.deepEqual(namesOf({ tools }), ['ToolSearch'])
    const messages: MessagesRequest['messages'] = [
      {
        role: 'assistant',
        content: [
          { type: 'tool_use', id: 'a', name: 'ToolSearch', input: {} },
          { type: 'tool_use', id: 'b', name: 'used', input: {} },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool_result',
            tool_use_id: 'a',
            content: [{ type: 'tool_reference', tool_name: 'found' }],
          },
        ],
      },
    ]
    assert.deepEqual(namesOf({ tools, messages }), ['ToolSearch', 'found', 'used'])
    assert.match(
      String(convert({ tools, messages }).body.messages[1]?.content),
      /The tool found is now available/,
    )
  })

  test('are offered when they are forced, and all of them where only Anthropic’s search could find them', () => {
    assert.deepEqual(namesOf({ tools, tool_choice: { type: 'tool', name: 'unknown' } }), [
      'ToolSearch',
      'unknown',
    ])
    const searched = [
      { type: 'tool_search_tool_regex_20251119', name: 'tool_search_tool_regex' },
      ...tools.slice(2),
    ]
    assert.deepEqual(namesOf({ tools: searched }), ['found', 'used', 'unknown'])
  })

  test('come and go with tool_addition and tool_removal', () => {
    const change = (type: string, name: string) => ({ type, tool: { type: 'tool_reference', name } })
    const defined = { type: 'tool_addition', tool: { type: 'tool_definition', definition: tool('fresh') } }
    const messages: MessagesRequest['messages'] = [
      { role: 'user', content: 'a' },
      {
        role: 'system',
        content: [change('tool_addition', 'found'), change('tool_removal', 'ToolSearch'), defined],
      },
    ]
    assert.deepEqual(namesOf({ tools, messages }), ['found', 'fresh'])
  })
})

describe('the choice of a tool', () => {
  const tools = [tool('f'), tool('g')]
  const choose = (choice: MessagesRequest['tool_choice'], quirks: PartialQuirks = {}) =>
    convert({ tools, tool_choice: choice }, quirks).body

  test('goes in OpenAI’s words', () => {
    assert.equal(choose({ type: 'auto' }).tool_choice, 'auto')
    assert.equal(choose({ type: 'any' }).tool_choice, 'required')
    assert.equal(choose({ type: 'none' }).tool_choice, 'none')
    assert.deepEqual(choose({ type: 'tool', name: 'g' }).tool_choice, {
      type: 'function',
      function: { name: 'g' },
    })
    assert.equal(choose(undefined).tool_choice, undefined)
  })

  test('falls back to the nearest that the provider takes', () => {
    assert.equal(choose({ type: 'any' }, { tool_choice: ['auto', 'any'] }).tool_choice, 'any')
    const named = choose({ type: 'tool', name: 'g' }, { tool_choice: ['auto', 'required'] })
    assert.equal(named.tool_choice, 'required')
    assert.deepEqual(
      named.tools?.map((one) => one.function.name),
      ['g'],
    )
    const asked = choose({ type: 'tool', name: 'g' }, { tool_choice: ['auto'] })
    assert.equal(asked.tool_choice, 'auto')
    assert.equal(asked.messages.at(-1)?.content, 'hi\n\nCall the tool g now.')
    assert.ok(!('tools' in choose({ type: 'none' }, { tool_choice: ['auto'] })))
  })

  test('switches thinking off where both cannot be, or asks in words where that cannot be either', () => {
    const quirks: PartialQuirks = { tool_choice_with_thinking: false, reasoning_request: 'thinking' }
    const rest: Partial<MessagesRequest> = {
      tools,
      tool_choice: { type: 'any' },
      thinking: { type: 'adaptive' },
    }
    const request = {
      model: 'm',
      max_tokens: 9,
      messages: [{ role: 'user' as const, content: 'hi' }],
      ...rest,
    }
    const turn = { messageId: 'msg_1', alias: 'm' }
    const off = toChatRequest(request, testTarget(quirks), turn).body
    assert.deepEqual([off.tool_choice, off['thinking']], ['required', { type: 'disabled' }])
    const on = toChatRequest(request, testTarget({ ...quirks, reasoning_off: 'unsupported' }), turn).body
    assert.deepEqual([on.tool_choice, on['thinking']], ['auto', { type: 'enabled' }])
  })

  test('forbids parallel calls in the provider’s word', () => {
    const choice: MessagesRequest['tool_choice'] = { type: 'auto', disable_parallel_tool_use: true }
    assert.equal(choose(choice).parallel_tool_calls, false)
    assert.equal(
      choose(choice, { parallel_tool_calls: 'parallel_function_calling' })['parallel_function_calling'],
      false,
    )
    assert.ok(!('parallel_tool_calls' in choose(choice, { parallel_tool_calls: 'none' })))
  })
})

describe('strict tools', () => {
  test('are strict where the provider takes it and the schema can be', () => {
    const strictOf = (schema: object, quirks: PartialQuirks = { strict_tools: true }) =>
      convert({ tools: [tool('f', { strict: true, input_schema: schema })] }, quirks).body.tools?.[0]
        ?.function
    assert.deepEqual(strictOf({ type: 'object', properties: { a: { type: 'string', default: 'x' } } }), {
      name: 'f',
      description: 'Does f.',
      parameters: {
        type: 'object',
        properties: { a: { type: 'string', description: '(default: "x")' } },
        required: ['a'],
        additionalProperties: false,
      },
      strict: true,
    })
    assert.equal(strictOf({ type: 'object', additionalProperties: { type: 'string' } })?.strict, undefined)
    assert.equal(strictOf(OBJECT, {})?.strict, undefined)
  })
})
