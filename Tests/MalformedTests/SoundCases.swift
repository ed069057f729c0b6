import Files
import Foundation
import TestSupport
import Testing

/// Clips that cannot be decoded, each given to `prepare`.
let soundCases: [MalformedCase] = otherSoundCases + waveCases + codedSoundCases + clipTableCases

private func sound(_ what: String, _ key: String, _ bytes: @escaping @Sendable () throws -> [UInt8]) -> MalformedCase {
  MalformedCase("sound: " + what, ["prepare", "--images", "IN/sounds", "--output", "IN/out"], 65, key) { inputs in
    try inputs.write(bytes(), to: "sounds/a.wav")
    try inputs.write(WaveFile.tone(1), to: "sounds/b.wav")
    try inputs.write("file,caption\na.wav,a dog barks\nb.wav,it rains\n", to: "sounds/captions.csv")
  }
}

/// One of the files of `Tests/Golden/sounds.json`.
private func golden(_ name: String) throws -> [UInt8] {
  struct Sound: Decodable {
    let name: String
    let file: Data
  }
  struct File: Decodable { let files: [Sound] }
  let file = try JSONDecoder().decode(File.self, from: Data(readFile(goldenDirectory + "/sounds.json")))
  return Array(try #require(file.files.first { $0.name == name }).file)
}

private let otherSoundCases: [MalformedCase] =
  [
    ("nothing", [], "an empty file"), ("zeros", [0, 0, 0, 0], "no sound of a known kind"),
    ("text", Array("Not found".utf8), "not a WAV, FLAC, Ogg or MP3 but text"),
    ("a web page", Array("<!DOCTYPE html><html>".utf8), "an HTML page"),
    ("M4A", Array("\0\0\0\u{18}ftypM4A ".utf8), "an MP4 or M4A file"),
    ("AIFF", Array("FORM\0\0\0\0AIFF".utf8), "an AIFF"),
    ("AU", Array(".snd\0\0\0\u{18}".utf8), "an AU file"), ("CAF", Array("caff\0\u{1}".utf8), "a CAF file"),
    ("MIDI", Array("MThd\0\0\0\u{6}".utf8), "a MIDI file"), ("zip", [0x50, 0x4B, 3, 4, 0, 0], "a zip archive"),
    ("WebM", [0x1A, 0x45, 0xDF, 0xA3, 0], "Matroska or WebM"), ("a JPEG", [0xFF, 0xD8, 0xFF, 0xE0], "a picture"),
    ("PDF", Array("%PDF-1.4".utf8), "a PDF document"),
    ("text with an escape code", Array("\u{1B}[2J".utf8), "no sound of a known kind"),
  ].map { what, bytes, key in sound("not one but " + what, key) { bytes } }

private func wave(_ what: String, _ key: String, _ file: WaveFile) -> MalformedCase {
  sound("WAV, " + what, key) { file.bytes }
}

private let second = [UInt8](repeating: 3, count: 32_000)

private let waveCases: [MalformedCase] = [
  wave("of no length", "a WAV without a sample", WaveFile()),
  wave("of half a frame", "WAV", WaveFile(channels: 2, data: [1, 2])),
  wave("at one sample a second", "1 samples a second", WaveFile(rate: 1, data: second)),
  wave("at 999 samples a second", "is not 1 to 384 kHz", WaveFile(rate: 999, data: second)),
  wave("at a million samples a second", "WAV", WaveFile(rate: 1_000_000, data: second)),
  wave("at no rate", "WAV", WaveFile(rate: 0, data: second)),
  wave("at two thousand million samples a second", "WAV", WaveFile(rate: 0x7FFF_FFFF, data: second)),
  wave("of no channel", "WAV", WaveFile(channels: 0, data: second)),
  wave("of 33 channels", "more than the 32", WaveFile(channels: 33, data: [UInt8](repeating: 0, count: 6600))),
  wave("of 65,535 channels", "WAV", WaveFile(channels: 65_535, data: second)),
  wave("of no bits", "WAV", WaveFile(bits: 0, data: second)),
  wave("of a coding that nobody has", "WAV", WaveFile(coding: 0x1234, data: second)),
  wave("of GSM", "WAV", WaveFile(coding: 0x31, data: second)),
  wave("cut off", "a WAV that ends early", WaveFile(data: second, statedLength: 32_001)),
  wave("of two thousand million bytes", "a WAV that ends early", WaveFile(data: second, statedLength: 0x7000_0000)),
  sound("WAV, the head alone", "WAV") { Array(WaveFile(data: second).bytes[..<12]) },
  sound("WAV, without data", "WAV") { Array(WaveFile(data: second).bytes[..<36]) },
  sound("WAV, a chunk of four billion bytes", "WAV") {
    var bytes = WaveFile(data: second).bytes
    bytes.replaceSubrange(16..<20, with: [255, 255, 255, 255])
    return bytes
  },
  sound("WAV, NaN", "frame 3 is NaN") { WaveFile.floating([0, 1, 2, .nan, 0]) },
  sound("WAV, infinite", "frame 0 is NaN, infinite") { WaveFile.floating([-.infinity]) },
  sound("WAV, louder than a number's square", "beyond 2^31") { WaveFile.floating([1e30]) },
]

private func coded(
  _ name: String, _ what: String, _ key: String, _ change: @escaping @Sendable (inout [UInt8]) -> Void
) -> MalformedCase {
  sound(name + ", " + what, key) {
    var bytes = try golden(name)
    change(&bytes)
    return bytes
  }
}

private let codedSoundCases: [MalformedCase] = [
  coded("flac-pcm_16", "the mark alone", "FLAC") { $0.removeSubrange(4...) },
  coded("flac-pcm_16", "the header alone", "FLAC") { $0.removeSubrange(42...) },
  coded("flac-pcm_16", "cut in the middle", "FLAC") { $0.removeSubrange(($0.count / 2)...) },
  coded("flac-pcm_16", "sixty thousand million samples", "a FLAC of") { $0[21] |= 0x0F },
  coded("flac-pcm_16", "fifty million samples in a few bytes", "over only") {
    $0[21] &= 0xF0
    $0.replaceSubrange(22..<26, with: [0x02, 0xFA, 0xF0, 0x80])
  },
  coded("flac-pcm_16", "no rate", "FLAC") { $0.replaceSubrange(18..<20, with: [0, 0]) },
  coded("ogg-vorbis", "the first page alone", "Ogg") { $0.removeSubrange(58...) },
  coded("ogg-vorbis", "a first packet of nothing", "Ogg") {
    $0.replaceSubrange(28..<58, with: [UInt8](repeating: 0, count: 30))
  },
  coded("ogg-vorbis", "its packets cut off", "Ogg") { $0.removeSubrange(1000...) },
  coded("ogg-opus", "the first page alone", "Ogg") { $0.removeSubrange(47...) },
  coded("ogg-opus", "255 channels", "Ogg") { $0[37] = 255 },
  coded("mp3-mpeg_layer_iii", "one frame's head", "MP3") { $0.removeSubrange(4...) },
  coded("mp3-mpeg_layer_iii", "text between its frames", "no frame where one should be") {
    $0.insert(contentsOf: Array("between frames".utf8), at: $0.count / 2)
  },
  coded("mp3-mpeg_layer_iii", "a tag alone", "MP3") {
    $0 = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 10] + [UInt8](repeating: 0, count: 10)
  },
  coded("mp3-mpeg_layer_iii", "a tag that does not end", "MP3") {
    $0 = Array("ID3".utf8) + [4, 0, 0, 127, 127, 127, 127] + $0
  },
]

private func table(_ what: String, _ code: Int32, _ key: String, _ roles: String) -> MalformedCase {
  MalformedCase(
    "clips: " + what, ["prepare", "--images", "IN/sounds", "--output", "IN/out", "--columns", roles], code, key
  ) { inputs in
    try inputs.write(WaveFile.tone(1), to: "sounds/a.wav")
    try inputs.write("file,class\na.wav,dog\n", to: "sounds/labels.csv")
  }
}

private let clipTableCases: [MalformedCase] = [
  table("a column that is not there", 65, "wav", "audio=wav,label:sound=class"),
  table("photos where there are none", 65, "there is no photo", "image=class,label:sound=class"),
]
