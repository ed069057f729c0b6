import Images
import TestSupport

/// PNGs that cannot be decoded, each given to `match`.
let pngCases: [MalformedCase] = pngHeaderCases + pngChunkCases + pngDamageCases

/// The header ends at 33, the palette at 813; then come the pixels.
private func png(_ what: String, _ key: String, _ change: @escaping @Sendable (inout [UInt8]) -> Void) -> MalformedCase
{
  photo("PNG, " + what, key) {
    var bytes = try golden(.png, "colour type 3, 8 bits")
    change(&bytes)
    return bytes
  }
}

/// With another header, of which the checksum is right.
private func png(
  _ what: String, _ key: String, width: UInt32 = 13, height: UInt32 = 9, rest: [UInt8] = [8, 3, 0, 0, 0]
) -> MalformedCase {
  png(what, key) { $0.replaceSubrange(8..<33, with: pngChunk("IHDR", bigEndian(width) + bigEndian(height) + rest)) }
}

/// With a chunk that is not sound between the header and the palette.
private func png(_ what: String, _ key: String, length: UInt32, _ type: String) -> MalformedCase {
  png(what, key) { $0.insert(contentsOf: bigEndian(length) + Array(type.utf8), at: 33) }
}

/// With other chunks for the pixels.
private func png(_ what: String, _ key: String, pixels: [UInt8]) -> MalformedCase {
  png(what, key) { $0.replaceSubrange(813..., with: pixels + pngChunk("IEND", [])) }
}

private let pngHeaderCases: [MalformedCase] = [
  png("2³¹ − 1 pixels a side", "a PNG of 2147483647x2147483647 pixels", width: 0x7FFF_FFFF, height: 0x7FFF_FFFF),
  png("65,500 pixels a side", "more than the 50000000", width: 65_500, height: 65_500),
  png("a row of a million", "a side longer than 65500", width: 1_000_000, height: 1),
  png("7,000 pixels a side in a kilobyte", "a PNG header of 7000x7000 pixels over only", width: 7000, height: 7000),
  png("no width", "a damaged PNG", width: 0),
  png("no height", "a damaged PNG", height: 0),
  png("a negative width", "a damaged PNG", width: 0x8000_0000),
  png("three bits", "a damaged PNG", rest: [3, 3, 0, 0, 0]),
  png("no bits", "a damaged PNG", rest: [0, 0, 0, 0, 0]),
  png("a palette of 16 bits", "a damaged PNG", rest: [16, 3, 0, 0, 0]),
  png("colour type 5", "a damaged PNG", rest: [8, 5, 0, 0, 0]),
  png("another compression", "a damaged PNG", rest: [8, 3, 1, 0, 0]),
  png("another filter", "a damaged PNG", rest: [8, 3, 0, 1, 0]),
  png("another interlacing", "a damaged PNG", rest: [8, 3, 0, 0, 2]),
  png("more rows than are packed", "a damaged PNG", height: 40),
]

private let pngChunkCases: [MalformedCase] = [
  png("a signature that lost its carriage return", "a damaged PNG") { $0.remove(at: 4) },
  png("no header", "a damaged PNG") { $0.removeSubrange(8..<33) },
  png("two headers", "a damaged PNG") { $0.insert(contentsOf: $0[8..<33], at: 33) },
  png("no palette", "Missing PLTE") { $0.removeSubrange(33..<813) },
  png("a palette of 257", "a damaged PNG") {
    $0.replaceSubrange(33..<813, with: pngChunk("PLTE", [UInt8](repeating: 7, count: 771)))
  },
  png("an unknown chunk that matters", "a damaged PNG") { $0.insert(contentsOf: pngChunk("ABCD", [1, 2]), at: 33) },
  png("a chunk of four billion bytes", "PNG", length: 0xFFFF_FFFF, "tEXt"),
  png("a chunk beyond the end", "a PNG that ends early", length: 1 << 30, "tEXt"),
  png("a chunk named by control characters", "PNG", length: 4, "\u{1}\u{2}\u{3}\u{4}"),
  png("no pixels", "a damaged PNG", pixels: []),
  png("pixels that unpack to nothing", "a damaged PNG", pixels: pngChunk("IDAT", [0x78, 0x9C, 3, 0, 0, 0, 0, 1])),
  png("pixels that are no deflate stream", "a damaged PNG", pixels: pngChunk("IDAT", [1, 2, 3, 4, 5, 6, 7, 8])),
]

private let pngDamageCases: [MalformedCase] =
  [
    png("the signature alone", "a PNG that ends early") { $0.removeSubrange(8...) },
    png("the header alone", "a PNG that ends early") { $0.removeSubrange(33...) },
  ]
  + [12, 100, 200].map { count in png("cut by \(count) bytes", "a PNG that ends early") { $0.removeLast(count) } }
  + [20, 31, 50, 830].map { place in png("a bit turned at \(place)", "a damaged PNG") { $0[place] ^= 4 } }
