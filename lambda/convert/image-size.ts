/** Width and height in pixels. */
export interface ImageSize {
  readonly width: number
  readonly height: number
}

/** Enough of the file for the headers of all four formats; a JPEG's size may stand behind long metadata. */
const HEADER_CHARACTERS = 4 * 16_384

/** Reads the size of a PNG, GIF, WebP or JPEG from the beginning of its base64 text. */
export function readImageSize(base64: string): ImageSize | undefined {
  const bytes = decodeStart(base64)
  if (bytes === undefined || bytes.length < 30) return undefined
  const view = new DataView(bytes.buffer)
  const size = readPng(view) ?? readGif(view) ?? readWebp(view) ?? readJpeg(view)
  return size !== undefined && size.width > 0 && size.height > 0 ? size : undefined
}

function decodeStart(base64: string): Uint8Array<ArrayBuffer> | undefined {
  const start = base64.slice(0, HEADER_CHARACTERS)
  try {
    return Uint8Array.from(atob(start.slice(0, start.length - (start.length % 4))), (character) =>
      character.charCodeAt(0),
    )
  } catch {
    // Not base64: the provider will say so; for the count any guess will do.
    return undefined
  }
}

function readPng(view: DataView): ImageSize | undefined {
  return view.getUint32(0) === 0x89504e47
    ? { width: view.getUint32(16), height: view.getUint32(20) }
    : undefined
}

function readGif(view: DataView): ImageSize | undefined {
  return view.getUint32(0) === 0x47494638
    ? { width: view.getUint16(6, true), height: view.getUint16(8, true) }
    : undefined
}

function readWebp(view: DataView): ImageSize | undefined {
  if (view.getUint32(0) !== 0x52494646 || view.getUint32(8) !== 0x57454250) return undefined
  switch (view.getUint32(12)) {
    case 0x56503820: // 'VP8 '
      return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
    case 0x5650384c: {
      // 'VP8L': fourteen bits each
      const bits = view.getUint32(21, true)
      return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
    }
    case 0x56503858: // 'VP8X': 24 bits each
      return {
        width: (view.getUint32(24, true) & 0xffffff) + 1,
        height: (view.getUint16(27, true) | (view.getUint8(29) << 16)) + 1,
      }
    default:
      return undefined
  }
}

/** The size stands in the first start-of-frame segment. */
function readJpeg(view: DataView): ImageSize | undefined {
  if (view.getUint16(0) !== 0xffd8) return undefined
  let at = 2
  while (at + 9 < view.byteLength && view.getUint8(at) === 0xff) {
    const marker = view.getUint8(at + 1)
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
    at += 2 + view.getUint16(at + 2)
  }
  return undefined
}
