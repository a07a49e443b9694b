import type { RequestTool } from '../anthropic/messages-request.ts'
import { isRecord, readRecord, readText } from './block-fields.ts'
import type { ToolIdentity } from './tool-names.ts'
import { BROWSER_MEMBERS, COMPUTER_MEMBERS, type ToolsetMember } from './toolset-members.ts'

/** A tool as a function: what every provider understands. */
export interface FunctionTool {
  readonly identity: ToolIdentity
  readonly description: string
  readonly schema: Record<string, unknown>
}

const text = (description: string) => ({ type: 'string', description })
const integer = (description: string) => ({ type: 'integer', description })
const point = (description: string) => ({
  type: 'array',
  items: { type: 'integer' },
  minItems: 2,
  maxItems: 2,
  description,
})

const VIEW_RANGE = {
  type: 'array',
  items: { type: 'integer' },
  minItems: 2,
  maxItems: 2,
  description: 'For view: first and last line, counted from 1; -1 as the last means to the end.',
}

/**
 * The functions behind a tool type whose caller runs it. Input schemas as Anthropic documents them (tool reference,
 * 2026-11); the descriptions are ours, since other models do not know these tools by heart.
 * @returns undefined when the type is none of these.
 */
export function toBuiltInFunctions(tool: RequestTool): FunctionTool[] | undefined {
  const type = tool.type ?? ''
  if (type.startsWith('bash_')) return [bash(tool)]
  if (type.startsWith('text_editor_')) return [textEditor(tool, type)]
  if (type.startsWith('memory_')) return [memory(tool)]
  if (type.startsWith('computer_toolset_')) return toolset(tool, 'computer', COMPUTER_MEMBERS)
  if (type.startsWith('browser_toolset_')) return toolset(tool, 'browser', BROWSER_MEMBERS)
  if (type.startsWith('computer_')) return [computer(tool, type)]
  return undefined
}

function bash(tool: RequestTool): FunctionTool {
  return {
    identity: { name: tool.name ?? 'bash' },
    description:
      'Runs a command in a bash session that stays open between calls. Set restart to start it anew.',
    schema: {
      type: 'object',
      properties: {
        command: text('The bash command to run. Not needed with restart.'),
        restart: { type: 'boolean', description: 'True starts the session anew.' },
      },
    },
  }
}

/** Until 20250429 the text to insert is called new_str, from 20250728 on insert_text; undo_edit ended with 20250429. */
function textEditor(tool: RequestTool, type: string): FunctionTool {
  const version = Number(type.slice('text_editor_'.length))
  const inserted = version >= 20250728 ? 'insert_text' : 'new_str'
  const commands = ['view', 'create', 'str_replace', 'insert', ...(version < 20250429 ? ['undo_edit'] : [])]
  return {
    identity: {
      name: tool.name ?? (version < 20250429 ? 'str_replace_editor' : 'str_replace_based_edit_tool'),
    },
    description: `Looks at files and changes them. Commands: ${commands.join(', ')}. str_replace wants old_str to stand exactly once in the file; insert puts ${inserted} after insert_line.${limitNote(tool)}`,
    schema: {
      type: 'object',
      properties: {
        command: { type: 'string', enum: commands },
        path: text('Absolute path of the file or folder.'),
        file_text: text('For create: the whole content of the new file.'),
        old_str: text('For str_replace: the text to replace, exactly as it stands.'),
        new_str: text(
          inserted === 'new_str'
            ? 'For str_replace: the new text. For insert: the text to insert.'
            : 'For str_replace: the new text.',
        ),
        insert_line: integer('For insert: the line after which to insert; 0 for the beginning.'),
        ...(inserted === 'insert_text' ? { insert_text: text('For insert: the text to insert.') } : {}),
        view_range: VIEW_RANGE,
      },
      required: ['command', 'path'],
    },
  }
}

function limitNote(tool: RequestTool): string {
  const limit = tool['max_characters']
  return typeof limit === 'number' ? ` A view shows at most ${limit} characters.` : ''
}

function memory(tool: RequestTool): FunctionTool {
  return {
    identity: { name: tool.name ?? 'memory' },
    description:
      'Keeps notes in files under /memories that last from one conversation to the next. Look at /memories first; write down what will be needed later.',
    schema: {
      type: 'object',
      properties: {
        command: { type: 'string', enum: ['view', 'create', 'str_replace', 'insert', 'delete', 'rename'] },
        path: text('Path under /memories; for every command but rename.'),
        view_range: VIEW_RANGE,
        file_text: text('For create: the whole content of the file.'),
        old_str: text('For str_replace: the text to replace, exactly as it stands.'),
        new_str: text('For str_replace: the new text.'),
        insert_line: integer('For insert: the line after which to insert; 0 for the beginning.'),
        insert_text: text('For insert: the text to insert.'),
        old_path: text('For rename: the present path.'),
        new_path: text('For rename: the new path.'),
      },
      required: ['command'],
    },
  }
}

const COMPUTER_ACTIONS_2024 = [
  'key',
  'type',
  'mouse_move',
  'left_click',
  'left_click_drag',
  'right_click',
  'middle_click',
  'double_click',
  'screenshot',
  'cursor_position',
]
const COMPUTER_ACTIONS_2025 = [
  ...COMPUTER_ACTIONS_2024,
  'left_mouse_down',
  'left_mouse_up',
  'scroll',
  'hold_key',
  'wait',
  'triple_click',
]

function computer(tool: RequestTool, type: string): FunctionTool {
  const version = Number(type.slice('computer_'.length))
  const zoom = tool['enable_zoom'] === true
  const actions = [
    ...(version < 20250124 ? COMPUTER_ACTIONS_2024 : COMPUTER_ACTIONS_2025),
    ...(zoom ? ['zoom'] : []),
  ]
  return {
    identity: { name: tool.name ?? 'computer' },
    description: `Uses mouse, keyboard and screen of a computer. The screen is ${tool['display_width_px']} pixels wide and ${tool['display_height_px']} pixels high; coordinates count from its upper left corner. Take a screenshot to see what an action did.`,
    schema: {
      type: 'object',
      properties: {
        action: { type: 'string', enum: actions },
        coordinate: point('[x, y] in pixels: where to click, move, scroll or end a drag.'),
        start_coordinate: point('[x, y] in pixels: where a drag begins.'),
        text: text('The text to type, or the key or key combination to press or hold (xdotool names).'),
        duration: { type: 'number', description: 'Seconds, for hold_key and wait.' },
        scroll_direction: { type: 'string', enum: ['up', 'down', 'left', 'right'] },
        scroll_amount: integer('Clicks of the scroll wheel.'),
        ...(zoom
          ? {
              region: {
                type: 'array',
                items: { type: 'integer' },
                description: 'For zoom: [x0, y0, x1, y1].',
              },
            }
          : {}),
      },
      required: ['action'],
    },
  }
}

/** A toolset's entry is one tool to Anthropic, and one function per enabled member to everybody else. */
function toolset(tool: RequestTool, family: string, members: readonly ToolsetMember[]): FunctionTool[] {
  const configs = readRecord(tool, 'configs') ?? {}
  return members
    .filter((member) => {
      const config = configs[member.name]
      return !(isRecord(config) && config['enabled'] === false)
    })
    .map((member) => ({
      identity: { name: member.name, toolset: family },
      description: member.description,
      schema: {
        type: 'object',
        properties: member.properties,
        ...(member.required.length === 0 ? {} : { required: [...member.required] }),
      },
    }))
}

/** What a server tool or an unknown type is called in the note that it is not there. */
export function toolTitle(tool: RequestTool): string {
  return tool.name ?? readText(tool, 'mcp_server_name') ?? tool.type ?? 'unnamed'
}
