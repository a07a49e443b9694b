import * as z from 'zod'
import { type CallerRule, CallerRuleSchema } from '../../lambda/map/configuration.ts'
import { CommandError } from './command.ts'
import { toDocument } from './map-changes.ts'
import type { MapTable } from './map-table.ts'

const ROW = { kind: 'setting', name: 'callers' } as const

/** The rules of `callers:` as the table holds them. */
export interface StoredRules {
  /** Absent: there are no rules, and everybody who gets in may use every model. */
  readonly rules: readonly CallerRule[] | undefined
  readonly version: number | undefined
}

/** @throws CommandError when they are not readable: then they must not be written over either. */
export async function readRules(table: MapTable): Promise<StoredRules> {
  const row = (await table.rows('setting')).find(({ name }) => name === ROW.name)
  if (!row) return { rules: undefined, version: undefined }
  const parsed = z.array(CallerRuleSchema).safeParse(toDocument(row))
  if (!parsed.success) {
    throw new CommandError(
      'The rules in the table are broken. Mend them with: messages-lambda config pull, then push',
      {
        cause: parsed.error,
      },
    )
  }
  return { rules: parsed.data, version: row.version }
}

/** Adds a rule, or replaces the one for the same callers. */
export async function putRule(table: MapTable, stored: StoredRules, rule: CallerRule): Promise<void> {
  const others = (stored.rules ?? []).filter(({ match }) => match !== rule.match)
  await table.write({ ...ROW, document: [...others, rule], replaces: stored.version })
}

/** What is left may be an empty list, which lets nobody use anything: removing a rule never gives anybody more. */
export async function removeRule(table: MapTable, stored: StoredRules, match: string): Promise<void> {
  const left = (stored.rules ?? []).filter((rule) => rule.match !== match)
  await table.write({ ...ROW, document: left, replaces: stored.version })
}

/** Forgets that there ever were rules. */
export async function removeAllRules(table: MapTable, stored: StoredRules): Promise<void> {
  if (stored.version !== undefined) await table.remove({ ...ROW, replaces: stored.version })
}
