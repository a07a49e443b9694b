/**
 * Whether a glob over model ids matches: `*` stands for any run of characters, case is ignored, everything else
 * stands for itself. No regular expression: ids and globs come from configuration, and a glob such as `*a*a*a*b`
 * must not cost exponential time.
 */
export function matchesModel(glob: string, model: string): boolean {
  const [first = '', ...rest] = glob.toLowerCase().split('*')
  const name = model.toLowerCase()
  if (rest.length === 0) return name === first
  if (!name.startsWith(first)) return false
  const last = rest.pop() ?? ''
  let from = first.length
  for (const piece of rest) {
    const at = name.indexOf(piece, from)
    if (at < 0) return false
    from = at + piece.length
  }
  return name.length - last.length >= from && name.endsWith(last)
}
