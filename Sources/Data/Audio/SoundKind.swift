/// What a file that should be sound really is, by its first bytes.
public enum SoundKind: String, Sendable {
  case wav = "a WAV file"
  case flac = "a FLAC file"
  case ogg = "an Ogg file"
  case mp3 = "an MP3 file"
  case aiff = "an AIFF file"
  case caf = "a CAF file"
  case au = "an AU file"
  case mp4 = "an MP4 or M4A file"
  case matroska = "a Matroska or WebM file"
  case midi = "a MIDI file, which has notes and no sound"
  case picture = "a picture"
  case html = "an HTML page"
  case pdf = "a PDF document"
  case zip = "a zip archive"
  case text = "text"
  case empty = "an empty file"
  case unknown = "no sound of a known kind"

  /// The kind of a file that begins with `bytes`; 64 of them are enough.
  public init(_ bytes: UnsafeRawBufferPointer) {
    let head = [UInt8](bytes.prefix(64))
    self = head.isEmpty ? .empty : Self.marked(head) ?? (Self.isMPEG(head) ? .mp3 : Self.text(head))
  }

  /// By the words that such files begin with.
  private static func marked(_ head: [UInt8]) -> SoundKind? {
    let marks: [(kind: SoundKind, mark: [UInt8], place: Int)] = [
      (.flac, Array("fLaC".utf8), 0), (.ogg, Array("OggS".utf8), 0), (.mp3, Array("ID3".utf8), 0),
      (.wav, Array("WAVE".utf8), 8), (.aiff, Array("AIF".utf8), 8), (.caf, Array("caff".utf8), 0),
      (.au, Array(".snd".utf8), 0), (.mp4, Array("ftyp".utf8), 4), (.matroska, [0x1A, 0x45, 0xDF, 0xA3], 0),
      (.midi, Array("MThd".utf8), 0), (.picture, [0xFF, 0xD8, 0xFF], 0), (.picture, [0x89, 0x50, 0x4E, 0x47], 0),
      (.picture, Array("GIF8".utf8), 0), (.picture, Array("WEBP".utf8), 8), (.pdf, Array("%PDF".utf8), 0),
      (.zip, [0x50, 0x4B, 3, 4], 0),
    ]
    return marks.first { head.dropFirst($0.place).starts(with: $0.mark) }?.kind
  }

  /// Whether a frame of MPEG audio begins here: its marks, and no value that the standard reserves.
  private static func isMPEG(_ head: [UInt8]) -> Bool {
    guard head.count >= 4, head[0] == 0xFF, head[1] & 0xE0 == 0xE0 else { return false }
    let (version, layer, rate, frequency) = (head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3)
    return version != 1 && layer != 0 && rate != 15 && frequency != 3
  }

  private static func text(_ head: [UInt8]) -> SoundKind {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let visible = head.starts(with: mark) ? head.dropFirst(3) : head[...]
    guard visible.allSatisfy({ 0x20..<0xF8 ~= $0 || $0 == 9 || $0 == 10 || $0 == 13 }) else { return .unknown }
    let lower = visible.drop { $0 <= 0x20 }.map { $0 >= 65 && $0 <= 90 ? $0 | 0x20 : $0 }
    let pages = ["<!doctype html", "<html", "<head", "<body", "<script", "<!--"]
    return pages.contains { lower.starts(with: $0.utf8) } ? .html : .text
  }
}
