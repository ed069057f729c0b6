import Batching
import Files
import Foundation
import Preparation
import TestSupport
import Testing

private let data = (sharedDirectory ?? "") + "/data"

/// Small real sets, prepared and held against what Python reads in their files (`Tests/Golden/check_columns.py`).
@Suite(.enabled(if: isDirectory(data), "needs the developer data")) struct RealColumnsTests {
  private func check(
    _ kind: String, _ source: PreparationRequest.Source, at path: String,
    _ change: (inout PreparationRequest) throws -> Void = { _ in }
  ) throws -> (report: PreparationReport, counts: [String]) {
    let directory = try TemporaryDirectory()
    var request = PreparationRequest(source: source, output: directory("set"), threads: 2)
    request.tokenizer = .train(vocabularySize: 600)
    try change(&request)
    let report = try prepare(request)
    try PreparedDataSet(path: request.output).verify()
    let script = goldenDirectory + "/check_columns.py"
    let python = try run("/usr/bin/env", ["python3", script, kind, path, request.output])
    #expect(python.status == 0, "\(python.output)\(python.errors)")
    return (report, python.output.split(separator: "\n").map(String.init))
  }

  /// VQA's pair is taken, image 3 is `image3.jpg`, and the table that says the same is passed over.
  @Test func daquar() throws {
    let path = data + "/daquar-mini"
    let (report, counts) = try check("daquar", .folder(path: path), at: path)
    #expect(
      counts == [
        "test image 60 60, questions 60 491", "train image 300 300, questions 300 2645",
        "validation image 50 50, questions 50 385", "equal",
      ])
    #expect(report.problemCount == 0 && report.captionSources.isEmpty)
    #expect(report.columnSources.map(\.layout) == ["VQA questions with annotations"])
    #expect(report.passedOver.contains { $0.contains("qa.csv: questions too (a table of questions), not read") })
    #expect(report.notes.contains { $0.contains("410 photos are named by the number in which their names end") })
    #expect(report.tokenizer.contains("questions, answers and other texts"))
  }

  @Test func daquarAsTable() throws {
    let path = data + "/daquar-mini"
    var request = PreparationRequest(source: .folder(path: path), output: "", threads: 2)
    let directory = try TemporaryDirectory()
    request.output = directory("set")
    request.questions = [path + "/qa.csv"]
    let report = try prepare(request)
    #expect(report.splits.map(\.photos) == [300, 50, 60])
    #expect(report.splits.map { $0.columns.first { $0.column == .questions }?.values } == [2645, 385, 491])
    #expect(report.passedOver.contains("questions.json: questions, not read"))
  }

  @Test func easyVQA() throws {
    let path = data + "/easy-vqa-mini/easy-vqa-mini.zip"
    let (report, counts) = try check("easy-vqa", .archive(path: path), at: path)
    #expect(counts == ["test image 200 200, questions 200 1957", "train image 800 800, questions 800 7754", "equal"])
    #expect(report.problemCount == 0)
  }

  /// 70 X-rays have no note, which is told for each and is no fault; the splits were made by patient.
  @Test func chestXRay() throws {
    let path = data + "/chest-xray-mini"
    let roles = "image=file,label:finding=label,label:view=view,text:report=note,group=patientid,split=split"
    let (report, counts) = try check("chest-xray", .folder(path: path), at: path) {
      $0.columns = try ColumnRoles(roles)
    }
    #expect(counts.last == "equal")
    #expect(report.splits.map(\.photos) == [168, 36, 35] && report.dividedGroupCount == 0)
    #expect(report.leaks == 5, "the same picture of two patients")
    #expect(report.problemCounts.map { "\($0.kind.rawValue) \($0.count)" } == ["missing_value 70"])
    #expect(report.problems.allSatisfy { $0.detail == "it has no text report" })
  }

  /// Without the given splits a hash makes some, and no patient is in two of them.
  @Test func chestXRayByHash() throws {
    let directory = try TemporaryDirectory()
    var request = PreparationRequest(
      source: .folder(path: data + "/chest-xray-mini"), output: directory("set"), threads: 2)
    request.columns = try ColumnRoles("image=file,label:finding=label,group=patientid")
    request.splits = .hash(SplitHash())
    let report = try prepare(request)
    #expect(report.dividedGroupCount == 0 && report.leaks == 0)
    #expect(report.splits.map(\.name) == ["train", "validation", "test"])
    let set = try PreparedDataSet(path: request.output)
    var splits: [String: Set<String>] = [:]
    for split in set.manifest.splits {
      for sample in try set.samples(split: split.name) {
        splits[try #require(set.record(sample).columns.group), default: []].insert(split.name)
      }
    }
    #expect(splits.count == 118 && splits.values.allSatisfy { $0.count == 1 })
  }
}
