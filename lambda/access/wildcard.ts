/**
 * Whether the whole text fits a pattern in which `*` stands for any number of characters, none included.
 * Linear in memory and without backtracking into earlier stars, so that no pattern is slow on a hostile text.
 */
export function matchesWildcard(pattern: string, text: string): boolean {
  let inPattern = 0
  let inText = 0
  let star = -1
  let afterStar = 0
  while (inText < text.length) {
    const wanted = pattern[inPattern]
    if (wanted === '*') {
      star = inPattern
      inPattern += 1
      afterStar = inText
    } else if (wanted === text[inText]) {
      inPattern += 1
      inText += 1
    } else if (star >= 0) {
      inPattern = star + 1
      afterStar += 1
      inText = afterStar
    } else {
      return false
    }
  }
  while (pattern[inPattern] === '*') inPattern += 1
  return inPattern === pattern.length
}
