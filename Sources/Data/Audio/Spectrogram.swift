internal import CSoundFile
internal import Glibc

/// Rows of a clip [N, M]: what each band holds in each frame.
public struct BandRows: Equatable, Sendable {
  public var values: [Float]
  /// M.
  public let bands: Int

  public init(values: [Float], bands: Int) { (self.values, self.bands) = (values, bands) }

  /// N.
  public var frames: Int { values.count / bands }
}

/// Makes spectrograms of one form. Any thread may use it.
package struct Spectrogram: Sendable {
  let settings: SpectrogramSettings
  private let shape: [Double]
  private let cosines: [Double]
  private let sines: [Double]
  private let bands: MelBands
  private let factor: Double
  private let offset: Double

  /// - Parameters:
  ///   - mean: taken off what is told of a power.
  ///   - deviation: what the rest is divided by.
  package init(_ settings: SpectrogramSettings, mean: Double = 0, deviation: Double = 1) {
    if let flaw = settings.flaw { preconditionFailure(flaw) }
    self.settings = settings
    shape = (0..<settings.window).map { settings.shape.value($0, of: settings.window) }
    let angles = (0..<(settings.transform / 2)).map { 2 * Double.pi * Double($0) / Double(settings.transform) }
    (cosines, sines) = (angles.map { cos($0) }, angles.map { sin($0) })
    bands = MelBands(settings)
    let unit = settings.level == .decibels ? 10 / log(10.0) : 1
    (factor, offset) = (unit / deviation, -mean / deviation)
  }

  /// - Parameters:
  ///   - samples: at the rate of the settings.
  ///   - limit: of frames; what comes after them is not looked at.
  package func callAsFunction(_ samples: [Float], limit: Int = .max) -> BandRows {
    let frames = min(limit, settings.frames(of: samples.count))
    guard frames > 0 else { return BandRows(values: [], bands: settings.bands) }
    let padded = padded(samples, frames)
    let values = [Float](unsafeUninitializedCapacity: frames * settings.bands) { rows, initialized in
      withPlan { plan in
        let work = UnsafeMutableRawPointer.allocate(byteCount: csoundfile_work(plan) * 8, alignment: 64)
        defer { work.deallocate() }
        csoundfile_bands(plan, padded, frames, rows.baseAddress, work.assumingMemoryBound(to: Double.self))
      }
      initialized = frames * settings.bands
    }
    return BandRows(values: values, bands: settings.bands)
  }

  /// What the frames lie in: the sound, mirrored at its ends or followed by silence.
  private func padded(_ samples: [Float], _ frames: Int) -> [Float] {
    let needed = (frames - 1) * settings.hop + settings.window
    guard settings.isCentred else {
      return samples.count >= needed ? samples : samples + [Float](repeating: 0, count: needed - samples.count)
    }
    // The frame lies in the middle of the transform.
    let before = settings.transform / 2 - (settings.transform - settings.window) / 2
    let period = max(1, 2 * (samples.count - 1))
    return (0..<needed).map { place in
      let distance = abs(place - before) % period
      return samples[min(distance, max(0, period - distance))]
    }
  }

  private func withPlan(_ body: (UnsafePointer<csoundfile_spectrogram>) -> Void) {
    shape.withUnsafeBufferPointer { shape in
      cosines.withUnsafeBufferPointer { cosines in
        sines.withUnsafeBufferPointer { sines in
          bands.firsts.withUnsafeBufferPointer { firsts in
            bands.lengths.withUnsafeBufferPointer { lengths in
              bands.weights.withUnsafeBufferPointer { weights in
                var plan = csoundfile_spectrogram(
                  window: settings.window, hop: settings.hop, size: settings.transform, shape: shape.baseAddress,
                  cosines: cosines.baseAddress, sines: sines.baseAddress, emphasis: settings.emphasis,
                  removes_mean: settings.removesMean ? 1 : 0, bands: settings.bands, firsts: firsts.baseAddress,
                  lengths: lengths.baseAddress, weights: weights.baseAddress, floor: settings.floor,
                  factor: factor, offset: offset)
                body(&plan)
              }
            }
          }
        }
      }
    }
  }
}

extension SpectrogramSettings.Shape {
  /// The weight of sample `place` of `count`.
  fileprivate func value(_ place: Int, of count: Int) -> Double {
    let period = Double(self == .periodicHann ? count : count - 1)
    let hann = 0.5 - 0.5 * cos(2 * Double.pi * Double(place) / period)
    return self == .povey ? pow(hann, 0.85) : hann
  }
}
