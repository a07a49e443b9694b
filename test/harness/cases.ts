import type { Parameters as PropertyParameters } from 'fast-check'

/**
 * How many cases a property is tried on. The test run takes a small slice with a fixed seed, so that it is the same
 * every time; `npm run fuzz` (FUZZ_CASES) takes many, from a new seed that it prints.
 */
export function cases<T = unknown>(usual: number): PropertyParameters<T> {
  const many = Number(process.env['FUZZ_CASES'] ?? 0)
  return many > 0
    ? { numRuns: Math.max(usual, many), seed: Number(process.env['FUZZ_SEED'] ?? Date.now()) }
    : { numRuns: usual, seed: 20_261_120 }
}
