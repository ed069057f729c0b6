internal import Configuration
internal import Evaluation
internal import Files
internal import Foundation
internal import Reporting

/// What is kept of a run that is done and measured: with this file, `measured.json`, in its folder it is not trained again.
struct StudyRecord: Codable, Equatable {
  var format = 1
  /// The run's.
  let hash: String
  /// Bytes that a process of it took at most, in the start that ended it.
  let memory: Int

  private static func path(of run: StudyRun) -> String { run.configuration.outputDirectory + "/measured.json" }

  init(hash: String, memory: Int) { (self.hash, self.memory) = (hash, memory) }

  /// Nil where the run is not measured.
  /// - Throws: `StudyError.damaged`.
  init?(of run: StudyRun) throws {
    let path = Self.path(of: run)
    guard fileExists(path) else { return nil }
    do {
      self = try JSONDecoder().decode(StudyRecord.self, from: Data(readFile(path, limit: 1 << 20)))
    } catch let error as DecodingError {
      throw StudyError.damaged(path: path, problem: "\(error)")
    }
    guard format == 1, hash == run.hash else { return nil }
  }

  func write(of run: StudyRun) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try writeAtomically(encoder.encode(self) + [10], to: Self.path(of: run))
  }
}

extension StudyRun {
  /// What `evaluate --json` has said of it, with these modalities taken away.
  public func evaluationPath(without: [String]) -> String {
    configuration.outputDirectory + "/evaluation" + without.map { "-without-\($0)" }.joined() + ".json"
  }
}

/// How right a run is of each sample of the split, where its task says so.
struct StudySamples: Decodable, Equatable {
  /// In percent; nil where nobody knows what is right.
  let percent: [Double?]
  /// The number of each sample's image or group.
  let clusters: [Int]

  private struct Report: Decodable { let each: StudySamples? }

  init?(inReport json: [UInt8]) {
    guard let found = try? JSONDecoder().decode(Report.self, from: Data(json)).each,
      found.percent.count == found.clusters.count
    else { return nil }
    self = found
  }
}
