export interface DiffLine {
  readonly sign: ' ' | '+' | '-'
  readonly text: string
}

/** The shortest way from one text to the other, by lines: longest common subsequence. Entries are short. */
export function diffLines(before: readonly string[], after: readonly string[]): DiffLine[] {
  const common = commonLengths(before, after)
  const lines: DiffLine[] = []
  let left = 0
  let right = 0
  while (left < before.length || right < after.length) {
    const old = before[left]
    const fresh = after[right]
    if (old !== undefined && old === fresh) {
      lines.push({ sign: ' ', text: old })
      left += 1
      right += 1
    } else if (
      old !== undefined &&
      (fresh === undefined || at(common, left + 1, right) >= at(common, left, right + 1))
    ) {
      lines.push({ sign: '-', text: old })
      left += 1
    } else if (fresh !== undefined) {
      lines.push({ sign: '+', text: fresh })
      right += 1
    }
  }
  return lines
}

/** `[i][j]`: how many lines the two texts have in common from line i and line j on. */
function commonLengths(before: readonly string[], after: readonly string[]): number[][] {
  const lengths = Array.from({ length: before.length + 1 }, () => new Array<number>(after.length + 1).fill(0))
  for (let left = before.length - 1; left >= 0; left -= 1) {
    const row = lengths[left] ?? []
    for (let right = after.length - 1; right >= 0; right -= 1) {
      row[right] =
        before[left] === after[right]
          ? at(lengths, left + 1, right + 1) + 1
          : Math.max(at(lengths, left + 1, right), at(lengths, left, right + 1))
    }
  }
  return lengths
}

function at(lengths: readonly (readonly number[])[], left: number, right: number): number {
  return lengths[left]?.[right] ?? 0
}
