/**
 * Unpacks zlib data (RFC 1950, 1951) held as a binary string, one character per byte. It stands here because
 * `lambda/convert` uses nothing of Node, and a PDF's text must come out in the same call.
 * @returns undefined when the data is broken, or unpacks to more than `limit` bytes.
 */
export function inflate(data: string, limit: number): string | undefined {
  try {
    return new Inflater(data, limit).run()
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

const LENGTH_BASE = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195,
  227, 258,
]
const LENGTH_EXTRA = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0]
const DISTANCE_BASE = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
  6145, 8193, 12289, 16385, 24577,
]
const DISTANCE_EXTRA = [
  0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13,
]
const CODE_LENGTH_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]

/** A canonical Huffman code: how many codes each length has, and the symbols in the order of their codes. */
interface Code {
  readonly counts: readonly number[]
  readonly symbols: readonly number[]
}

function toCode(lengths: readonly number[]): Code {
  const counts: number[] = Array.from({ length: 16 }, () => 0)
  for (const length of lengths) counts[length] = (counts[length] ?? 0) + 1
  counts[0] = 0
  const symbols = lengths
    .map((length, symbol) => ({ length, symbol }))
    .filter(({ length }) => length > 0)
    .toSorted((a, b) => a.length - b.length || a.symbol - b.symbol)
    .map(({ symbol }) => symbol)
  return { counts, symbols }
}

const FIXED_LITERALS = toCode(
  Array.from({ length: 288 }, (_, symbol) => (symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8)),
)
const FIXED_DISTANCES = toCode(Array.from({ length: 30 }, () => 5))

class Inflater {
  readonly #data: string
  readonly #limit: number
  #at = 2
  #bits = 0
  #bitCount = 0
  #out = new Uint8Array(4096)
  #length = 0

  constructor(data: string, limit: number) {
    this.#data = data
    this.#limit = limit
  }

  run(): string {
    let last = false
    while (!last) {
      last = this.#read(1) === 1
      const kind = this.#read(2)
      if (kind === 0) this.#copyStored()
      else if (kind === 1) this.#unpack(FIXED_LITERALS, FIXED_DISTANCES)
      else if (kind === 2) this.#unpackDynamic()
      else throw new RangeError('unknown block')
    }
    return toBinaryString(this.#out.subarray(0, this.#length))
  }

  #read(count: number): number {
    while (this.#bitCount < count) {
      const byte = this.#data.charCodeAt(this.#at)
      if (Number.isNaN(byte)) throw new RangeError('the data ends too early')
      this.#at += 1
      this.#bits |= byte << this.#bitCount
      this.#bitCount += 8
    }
    const value = this.#bits & ((1 << count) - 1)
    this.#bits >>>= count
    this.#bitCount -= count
    return value
  }

  #symbol({ counts, symbols }: Code): number {
    let code = 0
    let first = 0
    let index = 0
    for (let length = 1; length <= 15; length += 1) {
      code |= this.#read(1)
      const count = counts[length] ?? 0
      if (code - count < first) return symbols[index + (code - first)] ?? this.#broken()
      index += count
      first = (first + count) << 1
      code <<= 1
    }
    return this.#broken()
  }

  #broken(): never {
    throw new RangeError('no such code')
  }

  #write(byte: number): void {
    if (this.#length >= this.#limit) throw new RangeError('too much data')
    if (this.#length === this.#out.length) {
      const larger = new Uint8Array(this.#out.length * 2)
      larger.set(this.#out)
      this.#out = larger
    }
    this.#out[this.#length] = byte
    this.#length += 1
  }

  #copyStored(): void {
    this.#bits = 0
    this.#bitCount = 0
    const length = this.#read(16)
    this.#read(16)
    for (let count = 0; count < length; count += 1) this.#write(this.#read(8))
  }

  #unpack(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals)
      if (symbol === 256) return
      if (symbol < 256) {
        this.#write(symbol)
        continue
      }
      const length =
        (LENGTH_BASE[symbol - 257] ?? this.#broken()) + this.#read(LENGTH_EXTRA[symbol - 257] ?? 0)
      const code = this.#symbol(distances)
      const distance = (DISTANCE_BASE[code] ?? this.#broken()) + this.#read(DISTANCE_EXTRA[code] ?? 0)
      if (distance > this.#length) throw new RangeError('a distance before the beginning')
      for (let count = 0; count < length; count += 1) this.#write(this.#out[this.#length - distance] ?? 0)
    }
  }

  #unpackDynamic(): void {
    const literalCount = this.#read(5) + 257
    const distanceCount = this.#read(5) + 1
    const codeCount = this.#read(4) + 4
    const codeLengths: number[] = Array.from({ length: 19 }, () => 0)
    for (const symbol of CODE_LENGTH_ORDER.slice(0, codeCount)) codeLengths[symbol] = this.#read(3)
    const code = toCode(codeLengths)
    const lengths: number[] = []
    while (lengths.length < literalCount + distanceCount) {
      const symbol = this.#symbol(code)
      if (symbol < 16) lengths.push(symbol)
      else if (symbol === 16) repeat(lengths, lengths.at(-1) ?? 0, this.#read(2) + 3)
      else if (symbol === 17) repeat(lengths, 0, this.#read(3) + 3)
      else repeat(lengths, 0, this.#read(7) + 11)
    }
    this.#unpack(
      toCode(lengths.slice(0, literalCount)),
      toCode(lengths.slice(literalCount, literalCount + distanceCount)),
    )
  }
}

function repeat(lengths: number[], value: number, count: number): void {
  for (let done = 0; done < count; done += 1) lengths.push(value)
}

/** `String.fromCharCode` takes only so many arguments at once. */
const SLICE = 8192

function toBinaryString(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += SLICE)
    text += String.fromCharCode(...bytes.subarray(at, at + SLICE))
  return text
}
