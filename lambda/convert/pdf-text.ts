/** Placeholder until the reader below stands. */
export function extractPdfText(_base64: string): string | undefined {
  return undefined
}
