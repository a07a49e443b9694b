/**
 * The members of `computer_toolset_20260801` and `browser_toolset_20260801` with the inputs their callers expect:
 * `@anthropic-ai/sdk` 1.11, types BetaComputer…Input and BetaBrowser…Input (2026-11).
 */
export interface ToolsetMember {
  readonly name: string
  readonly description: string
  readonly properties: Readonly<Record<string, unknown>>
  readonly required: readonly string[]
}

const text = (description: string) => ({ type: 'string', description })
const integer = (description: string) => ({ type: 'integer', description })
const seconds = (description: string) => ({ type: 'number', description })
const pixels = (count: number, description: string) => ({
  type: 'array',
  items: { type: 'integer' },
  minItems: count,
  maxItems: count,
  description,
})
const DIRECTION = { type: 'string', enum: ['up', 'down', 'left', 'right'] }

const COORDINATE = pixels(2, '[x, y] in pixels from the upper left corner.')
const HELD_KEYS = text('Keys to hold meanwhile, such as "ctrl" or "ctrl+shift".')

function computerClick(name: string, what: string): ToolsetMember {
  return {
    name,
    description: `${what}, at the given place or where the pointer is.`,
    properties: { coordinate: COORDINATE, text: HELD_KEYS },
    required: [],
  }
}

function bare(name: string, description: string): ToolsetMember {
  return { name, description, properties: {}, required: [] }
}

export const COMPUTER_MEMBERS: readonly ToolsetMember[] = [
  bare('screenshot', 'Shows the screen.'),
  computerClick('left_click', 'Clicks the left mouse button'),
  computerClick('right_click', 'Clicks the right mouse button'),
  computerClick('middle_click', 'Clicks the middle mouse button'),
  computerClick('double_click', 'Double-clicks the left mouse button'),
  computerClick('triple_click', 'Triple-clicks the left mouse button'),
  {
    name: 'left_click_drag',
    description: 'Presses the left mouse button at one place and lets it go at another.',
    properties: { start_coordinate: COORDINATE, coordinate: COORDINATE, text: HELD_KEYS },
    required: ['start_coordinate', 'coordinate'],
  },
  bare('left_mouse_down', 'Presses the left mouse button and holds it.'),
  bare('left_mouse_up', 'Lets the left mouse button go.'),
  {
    name: 'mouse_move',
    description: 'Moves the pointer.',
    properties: { coordinate: COORDINATE },
    required: ['coordinate'],
  },
  bare('cursor_position', 'Says where the pointer is.'),
  {
    name: 'scroll',
    description: 'Turns the scroll wheel.',
    properties: {
      scroll_direction: DIRECTION,
      scroll_amount: integer('Clicks of the wheel.'),
      coordinate: COORDINATE,
      text: HELD_KEYS,
    },
    required: ['scroll_direction', 'scroll_amount'],
  },
  {
    name: 'type',
    description: 'Types text.',
    properties: { text: text('The text to type.') },
    required: ['text'],
  },
  {
    name: 'key',
    description: 'Presses a key or a key combination.',
    properties: { text: text('The key or combination.'), repeat: integer('How often; 1 when left out.') },
    required: ['text'],
  },
  {
    name: 'hold_key',
    description: 'Holds a key or a key combination down.',
    properties: { text: text('The key or combination.'), duration: seconds('Seconds.') },
    required: ['text', 'duration'],
  },
  {
    name: 'wait',
    description: 'Waits.',
    properties: { duration: seconds('Seconds.') },
    required: ['duration'],
  },
  {
    name: 'zoom',
    description: 'Shows a part of the screen, enlarged.',
    properties: { region: pixels(4, '[x0, y0, x1, y1] in pixels.') },
    required: ['region'],
  },
]

const TAB = text('The tab to act on; the active one when left out.')
const ELEMENT = {
  type: 'object',
  properties: {
    type: { type: 'string', enum: ['ref'] },
    ref: text('Reference of an element, from read_page or find.'),
  },
  required: ['type', 'ref'],
}
const PLACE = {
  type: 'object',
  properties: {
    type: { type: 'string', enum: ['coordinate'] },
    x: integer('Pixels from the left edge of the page view.'),
    y: integer('Pixels from its upper edge.'),
  },
  required: ['type', 'x', 'y'],
}
const ELEMENT_OR_PLACE = { anyOf: [PLACE, ELEMENT] }
const MODIFIERS = text('Keys to hold meanwhile, such as "shift" or "ctrl+shift".')

function inTab(
  name: string,
  description: string,
  properties: Record<string, unknown> = {},
  required: readonly string[] = [],
): ToolsetMember {
  return { name, description, properties: { ...properties, tab_id: TAB }, required }
}

function browserClick(name: string, what: string): ToolsetMember {
  return inTab(
    name,
    `${what} on an element or at a place of the page.`,
    { target: ELEMENT_OR_PLACE, modifiers: MODIFIERS },
    ['target'],
  )
}

export const BROWSER_MEMBERS: readonly ToolsetMember[] = [
  inTab('navigate', 'Goes to an address.', { url: text('The address, or "back", "forward" or "reload".') }, [
    'url',
  ]),
  bare('list_tabs', 'Lists the open tabs.'),
  bare('new_tab', 'Opens a tab.'),
  {
    name: 'switch_tab',
    description: 'Makes a tab the active one.',
    properties: { tab_id: text('The tab.') },
    required: ['tab_id'],
  },
  {
    name: 'close_tab',
    description: 'Closes a tab.',
    properties: { tab_id: text('The tab.') },
    required: ['tab_id'],
  },
  inTab('read_page', 'Shows the elements of the page as a tree with references.', {
    depth: integer('Greatest depth of the tree; 15 when left out.'),
    filter: { type: 'string', enum: ['interactive', 'all'], description: 'Left out: every visible element.' },
    ref: text('Element to begin at.'),
  }),
  inTab('get_page_text', 'Gives the text of the page.'),
  inTab('read_console', 'Gives the messages of the console.'),
  inTab('read_network', 'Gives the requests of the page.'),
  inTab('find', 'Finds elements by a description.', { query: text('What to find.') }, ['query']),
  inTab(
    'form_input',
    'Sets the value of a form field.',
    {
      target: ELEMENT,
      value: {
        anyOf: [{ type: 'string' }, { type: 'number' }, { type: 'boolean' }],
        description: 'The value.',
      },
    },
    ['target', 'value'],
  ),
  inTab(
    'file_upload',
    'Gives files to a file field.',
    {
      target: ELEMENT,
      paths: { type: 'array', items: { type: 'string' } },
      document_ids: { type: 'array', items: { type: 'string' } },
    },
    ['target'],
  ),
  inTab('scroll_to', 'Scrolls an element into view.', { target: ELEMENT }, ['target']),
  inTab('screenshot', 'Shows the page as it is in view.'),
  inTab('zoom', 'Shows a part of the page, enlarged.', { region: pixels(4, '[x0, y0, x1, y1] in pixels.') }, [
    'region',
  ]),
  browserClick('left_click', 'Clicks the left mouse button'),
  browserClick('right_click', 'Clicks the right mouse button'),
  browserClick('middle_click', 'Clicks the middle mouse button'),
  browserClick('double_click', 'Double-clicks'),
  browserClick('triple_click', 'Triple-clicks'),
  inTab('hover', 'Moves the pointer onto an element or a place.', { target: ELEMENT_OR_PLACE }, ['target']),
  inTab('left_click_drag', 'Drags from one place to another.', { from: PLACE, target: PLACE }, [
    'from',
    'target',
  ]),
  inTab('left_mouse_down', 'Presses the left mouse button and holds it.', { target: PLACE }, ['target']),
  inTab('left_mouse_up', 'Lets the left mouse button go.', { target: PLACE }, ['target']),
  inTab('mouse_move', 'Moves the pointer.', { target: PLACE }, ['target']),
  inTab(
    'scroll',
    'Turns the scroll wheel.',
    {
      target: PLACE,
      scroll_direction: DIRECTION,
      scroll_amount: integer('Notches, 1 to 10; 3 when left out.'),
    },
    ['target', 'scroll_direction'],
  ),
  inTab('type', 'Types text.', { text: text('The text to type.') }, ['text']),
  inTab(
    'key',
    'Presses keys.',
    {
      text: text('A key, a combination, or several with spaces between.'),
      repeat: integer('How often; 1 when left out.'),
    },
    ['text'],
  ),
  inTab(
    'hold_key',
    'Holds a key down.',
    { text: text('The key or combination.'), duration: seconds('Seconds, at most 30.') },
    ['text', 'duration'],
  ),
  inTab('wait', 'Waits.', { duration: seconds('Seconds, at most 30.') }, ['duration']),
  inTab('javascript_exec', 'Runs JavaScript in the page.', { text: text('The code.') }, ['text']),
]
