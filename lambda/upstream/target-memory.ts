import type { Target } from '../map/target.ts'

/** More provider and model pairs than a configuration holds; the bound is for names that callers write out. */
const MOST_ENTRIES = 500

/** Something that this process has learned about provider and model. The pair that changed longest ago is forgotten first. */
export class TargetMemory<Value> {
  readonly #values = new Map<string, Value>()

  get({ provider, model }: Target): Value | undefined {
    return this.#values.get(`${provider}/${model}`)
  }

  set({ provider, model }: Target, value: Value): void {
    const key = `${provider}/${model}`
    this.#values.delete(key)
    this.#values.set(key, value)
    const [oldest] = this.#values.keys()
    if (this.#values.size > MOST_ENTRIES && oldest !== undefined) this.#values.delete(oldest)
  }
}
