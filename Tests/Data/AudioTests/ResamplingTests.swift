import Audio
import TestSupport
import Testing

@Suite struct ResamplingTests {
  @Test func soundIsThatOfTorchaudio() throws {
    let golden = try GoldenFile("sounds.safetensors")
    let names = golden.names.filter { $0.hasPrefix("resample.") && $0.hasSuffix(".input") }
    #expect(names.count == 20)
    for name in names {
      let rates = name.split(separator: ".")[1...2].compactMap { Int($0) }
      let sound = Waveform(samples: try golden.floats(name), rate: rates[0]).resampled(to: rates[1])
      let expected = try golden.floats("resample.\(rates[0]).\(rates[1]).output")
      #expect(difference(sound.samples, expected, relative: 0, floor: 1e-6) == nil, "\(rates)")
      #expect(sound.rate == rates[1])
    }
  }

  @Test func theSameRateChangesNothing() {
    let sound = Waveform(samples: [0.25, -0.5, 1], rate: 16_000)
    #expect(sound.resampled(to: 16_000) == sound)
  }
}
