import Audio
import Foundation
import TestSupport
import Testing

/// Many clips at once: `python Tests/Golden/sounds.py --compare FOLDER CLIPS…` makes what they are held against, and
/// MMTRAIN_SOUNDS names the folder.
@Suite struct SoundComparisonTests {
  private static let folder = ProcessInfo.processInfo.environment["MMTRAIN_SOUNDS"]

  @Test(.enabled(if: folder != nil, "set MMTRAIN_SOUNDS to a folder of sounds.py --compare"))
  func clipsAreThoseOfTheLibraries() throws {
    let folder = URL(filePath: try #require(Self.folder))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".bands") }
    #expect(!names.isEmpty)
    let plain = AudioPreprocessing(spectrogram: .ast, maximumFrames: 100_000, mean: 0, deviation: 1)
    let reader = ClipReader(.bands(plain))
    for name in names.map({ String($0.dropLast(6)) }) {
      func expected(_ kind: String) throws -> [Float] {
        floats(try Data(contentsOf: folder.appending(path: "\(name).\(kind)")))
      }
      let sound = try decodeSound(Array(try Data(contentsOf: folder.appending(path: name))))
      #expect(try difference(sound.samples, expected("decoded"), relative: 0, floor: 1e-5) == nil, "\(name)")
      let resampled = sound.resampled(to: 16_000).samples
      #expect(try difference(resampled, expected("resampled"), relative: 0, floor: 1e-5) == nil, "\(name)")
      let rows = reader.evaluation(Waveform(samples: try expected("resampled"), rate: 16_000))
      #expect(try difference(rows.values, expected("bands"), relative: 0, floor: 5e-4) == nil, "\(name)")
    }
    print("\(names.count) clips")
  }
}
