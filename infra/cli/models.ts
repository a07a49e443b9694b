import { parseArgs } from 'node:util'
import { TIERS } from '../../lambda/map/tier-of.ts'
import { type Command, CommandError, type CommandInput } from './command.ts'
import { applyChanges, type MapChange, planChange, toDiffLines } from './map-changes.ts'
import { ENTRY_OPTIONS, type EntryWords, editedEntry, entryProblems } from './model-entry-words.ts'
import { modelsTestCommand } from './models-test.ts'
import { findRow, readMap, type StoredMap } from './read-map.ts'
import { STACK_OPTIONS, STACK_USAGE, withTable } from './stack-options.ts'

async function list(words: readonly string[], input: CommandInput): Promise<number> {
  const { values } = parseArgs({
    args: [...words],
    options: { ...STACK_OPTIONS, json: { type: 'boolean', default: false } },
  })
  const { configuration, problems } = await withTable(values, input, readMap)
  const { models, tiers, default_model } = configuration
  const broken = [...problems].flatMap(([place, problem]) =>
    place.startsWith('models.') ? [{ name: place.slice('models.'.length), problem }] : [],
  )
  const namesOf = (alias: string) => [
    ...TIERS.filter((tier) => tiers[tier] === alias),
    ...(default_model === alias ? ['default'] : []),
  ]
  if (values.json) {
    const shown = Object.entries(models).map(([name, entry]) => ({ name, also: namesOf(name), ...entry }))
    input.out(JSON.stringify({ models: shown, broken }, null, 2))
    return 0
  }
  const width = Math.max(0, ...Object.keys(models).map(({ length }) => length))
  for (const [name, entry] of Object.entries(models)) {
    const target =
      entry.target ?? (entry.targets ?? []).map((each) => `${each.target} ×${each.weight}`).join(', ')
    const extras = [
      ...(entry.fallbacks ?? []).map((fallback) => `then ${fallback}`),
      ...(entry.vision === undefined ? [] : [`images ${entry.vision}`]),
    ]
    const also = namesOf(name)
    input.out(
      [
        `${name.padEnd(width)}  ${target}`,
        ...extras,
        ...(also.length === 0 ? [] : [`(${also.join(', ')})`]),
      ].join('  '),
    )
  }
  for (const { name, problem } of broken) input.out(`${name.padEnd(width)}  BROKEN: ${problem}`)
  if (Object.keys(models).length === 0 && broken.length === 0) {
    input.note('No models yet. Add one: messages-lambda models set glm --target nvidia/z-ai/glm4.7 --default')
  }
  return 0
}

async function set(words: readonly string[], input: CommandInput): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: { ...STACK_OPTIONS, ...ENTRY_OPTIONS },
  })
  const name = oneName(positionals, 'models set NAME --target PROVIDER/MODEL')
  return withTable(values, input, async (table) => {
    const stored = await readMap(table)
    const changes = [...changedEntry(name, values, stored), ...changedNames(name, values, stored)]
    if (changes.length === 0) {
      input.note(`Nothing to write: ${name} is so already.`)
      return 0
    }
    for (const line of toDiffLines(changes)) input.out(line)
    await applyChanges(table, changes)
    input.note(
      `Written. The gateway takes it within half a minute. Try it: messages-lambda models test ${name}`,
    )
    return 0
  })
}

function changedEntry(name: string, words: EntryWords, stored: StoredMap): MapChange[] {
  const row = findRow(stored.rows, 'model', name)
  const entry = editedEntry(row, words)
  const [problem] = entryProblems(name, entry, stored.configuration)
  if (problem !== undefined) {
    const sentence = problem.endsWith('?') ? problem : `${problem}.`
    throw new CommandError(`${sentence} See: messages-lambda models set --help`)
  }
  return planChange(row, 'model', name, entry)
}

/** `--tier` and `--default`: what else the model is called. */
function changedNames(
  name: string,
  { tier = [], default: isDefault }: EntryWords,
  stored: StoredMap,
): MapChange[] {
  const unknown = tier.find((word) => !TIERS.some((known) => known === word))
  if (unknown !== undefined) throw new CommandError(`--tier ${unknown}: a tier is one of ${TIERS.join(', ')}`)
  const tiers = { ...stored.configuration.tiers, ...Object.fromEntries(tier.map((word) => [word, name])) }
  return [
    ...(tier.length > 0
      ? planChange(findRow(stored.rows, 'setting', 'tiers'), 'setting', 'tiers', tiers)
      : []),
    ...(isDefault
      ? planChange(findRow(stored.rows, 'setting', 'default_model'), 'setting', 'default_model', name)
      : []),
  ]
}

async function remove(words: readonly string[], input: CommandInput): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...words],
    allowPositionals: true,
    options: STACK_OPTIONS,
  })
  const name = oneName(positionals, 'models remove NAME')
  return withTable(values, input, async (table) => {
    const { rows, configuration } = await readMap(table)
    const row = findRow(rows, 'model', name)
    if (row === undefined)
      throw new CommandError(`There is no model ${name}. See: messages-lambda models list`)
    const { tiers, default_model } = configuration
    const users = [
      ...TIERS.filter((tier) => tiers[tier] === name).map((tier) => `tier ${tier}`),
      ...(default_model === name ? ['default'] : []),
    ]
    if (users.length > 0) {
      throw new CommandError(
        `${name} is still the model of: ${users.join(', ')}. Give these to another first: messages-lambda models set OTHER ${users.map((user) => `--${user}`).join(' ')}`,
      )
    }
    const changes = planChange(row, 'model', name, undefined)
    for (const line of toDiffLines(changes)) input.out(line)
    await applyChanges(table, changes)
    input.note(`${name} is gone; the gateway knows it within half a minute.`)
    return 0
  })
}

function oneName(positionals: readonly string[], usage: string): string {
  const [name, ...more] = positionals
  if (name === undefined || more.length > 0)
    throw new CommandError(`Name one model: messages-lambda ${usage}`)
  return name
}

export const modelsCommands: readonly Command[] = [
  {
    noun: 'models',
    verb: 'list',
    summary: 'show the models of the deployed gateway',
    usage: `messages-lambda models list [--json]
${STACK_USAGE}`,
    run: list,
  },
  {
    noun: 'models',
    verb: 'set',
    summary: 'add a model or change fields of it',
    usage: `messages-lambda models set NAME --target PROVIDER/MODEL [options]

Fields that are not named stay as they are. Shows what it changes and writes it.

  --target PROVIDER/MODEL    what the name means
  --fallback PROVIDER/MODEL  tried when the target fails; repeat for more
  --vision PROVIDER/MODEL    for requests with images, when the target cannot see
  --image-mode MODE          full, or latest-only: the last picture alone
  --display-name TEXT        for model pickers
  --description TEXT         below it
  --context-window N         in tokens
  --max-output-tokens N      in tokens; --min-output-tokens N as well
  --parameter NAME=JSON      a default under what callers send (temperature=0.6); repeat for more
  --quirk NAME=JSON          another peculiarity than the provider's (max_tokens_field=max_tokens); repeat for more
  --unset FIELD              takes a field out, by its name in gateway.yaml; repeat for more
  --tier WORD                is meant by haiku, sonnet, opus, fable or mythos as well; repeat for more
  --default                  is meant by every other name as well
${STACK_USAGE}

  messages-lambda models set glm --target nvidia/z-ai/glm4.7 --tier sonnet --tier opus --default`,
    run: set,
  },
  {
    noun: 'models',
    verb: 'remove',
    summary: 'take a model out',
    usage: `messages-lambda models remove NAME
${STACK_USAGE}`,
    run: remove,
  },
  modelsTestCommand,
]
