import Batching
import Preparation
import Reporting
import Testing

/// Tables whose columns have roles.
@Suite struct ColumnRoleTests {
  private func source(_ table: String, _ name: String = "labels.csv") throws -> TestSource {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg", "c.jpg"])
    source.add(name, table)
    return source
  }

  @Test func rolesOfATable() throws {
    let source = try source(
      """
      file;dx;note;who;words;split
      a.jpg;flu;"all; well";p1;a man;train
      a.jpg;cold;;p1;;train
      b.jpg;["flu", "cough"];;p2;a woman;val
      c;;;;a child;test

      """)
    let (report, samples) = try source.prepared {
      $0.columns = try ColumnRoles("image=file,label:finding=dx,text:report=note,group=who,caption=words")
    }
    var first = SampleColumns()
    first.labels = ["finding": ["flu", "cold"]]
    first.texts = ["report": "all; well"]
    first.group = "p1"
    #expect(samples["a.jpg"]?.columns == first && samples["a.jpg"]?.captions == ["a man"])
    #expect(
      samples["b.jpg"]?.columns.labels == ["finding": ["flu", "cough"]] && samples["b.jpg"]?.split == "validation")
    #expect(samples["c"]?.captions == ["a child"] && samples["c"]?.columns.isEmpty == true)
    let told = report.problems.map { "\($0.place ?? "") \($0.detail)" }
    #expect(
      told == [
        "labels.csv:3 it has no text report", "labels.csv:3 it has no caption", "labels.csv:4 it has no text report",
        "labels.csv:5 it has no label finding", "labels.csv:5 it has no text report", "labels.csv:5 it has no group",
      ])
    #expect(report.problems.allSatisfy { $0.kind == .missingValue }, "told, and no fault: nothing was unfit")
    #expect(report.captionSources.map(\.layout) == ["a table with roles"] && report.splits.map(\.photos) == [1, 1, 1])
  }

  /// Columns by their places, questions with kinds, several answers.
  @Test func questionsOfATable() throws {
    let source = try source(
      "photo\tq\ta1\ta2\tkind\tn\na.jpg\thow many?\t2\ttwo\tnumber\t7\nb.jpg\t\tlost\t\t\t\nb.jpg\t\t\t\t\t\nc.jpg\twhy?\t\t\t\t\n",
      "t.tsv")
    let (report, samples) = try source.prepared(bad: 1) {
      $0.columns = try ColumnRoles("image=photo,question=2,answer=a1,answer=a2,kind:answer_type=kind,id=n")
    }
    #expect(
      samples["a.jpg"]?.columns.questions == [
        Question(text: "how many?", answers: ["2", "two"], kinds: ["answer_type": "number"], id: "7")
      ])
    #expect(samples["b.jpg"] == nil && samples["c.jpg"]?.columns.questions == [Question(text: "why?")])
    #expect(
      report.problems.map { "\($0.kind.rawValue) \($0.place ?? "")" } == [
        "missing_question t.tsv:3", "missing_value t.tsv:4", "missing_value t.tsv:5", "missing_caption t.tsv",
      ])
  }

  @Test func contradictions() throws {
    let source = try source("file,who,note\na.jpg,p1,one\na.jpg,p2,two\na.jpg,p1,one\nb.jpg,p2,x\nc.jpg,p3,y\n")
    let (report, samples) = try source.prepared(bad: 1) {
      $0.columns = try ColumnRoles("image=file,group=who,text:note=note")
    }
    #expect(samples["a.jpg"]?.columns.group == "p1" && samples["a.jpg"]?.columns.texts == ["note": "one"])
    #expect(
      report.problems.map(\.detail) == [
        "its text note comes a second time, and is another", "it is of group p1, and here of p2",
      ])
    #expect(throws: PreparationError.self) {
      try source.prepared { $0.columns = try ColumnRoles("image=file,group=who") }
    }
  }

  static let wrong: [(String, String)] = [
    ("image=file,grup=p", "there is no role “grup”; perhaps group is meant"),
    ("image=file,lable:x=p", "there is no role “lable:x”"),
    ("image=file,label:=p", "a name is 1 to 64 of the characters"),
    ("image=file,label:a b=p", "a name is 1 to 64 of the characters"),
    ("image=file", "no column says anything about the image"),
    ("image=file,split=s", "no column says anything about the image"),
    ("question=q,answer=a", "no column is the image"),
    ("image=file,image=other,group=g", "the role image is given twice"),
    ("image=file,answer=a", "the role answer needs a question"),
    ("image=file,phrase=p,x=x,y=y", "missing: width, height"),
    ("image=file,,group=g", "“” is no ROLE=COLUMN"),
    ("image=file,group=", "“group=” names no column"),
    ("", "“” is no ROLE=COLUMN"),
  ]

  @Test(arguments: wrong) func rolesThatCannotBe(_ text: String, _ words: String) {
    let error = #expect(throws: PreparationError.self) { try ColumnRoles(text) }
    #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
    #expect(error?.exitCode == .usage)
  }

  @Test func columnsThatAreNotThere() throws {
    let source = try source("file,patientid,label\na.jpg,1,x\n")
    func refusal(_ roles: String) throws -> String {
      let error = #expect(throws: PreparationError.self) {
        try source.prepared { $0.columns = try ColumnRoles(roles) }
      }
      #expect(error?.exitCode == .badData)
      return error?.description ?? ""
    }
    let words = try refusal("image=file,group=patient_id")
    #expect(words.contains("labels.csv has no column “patient_id” for the role group; perhaps “patientid” is meant"))
    #expect(words.contains("its columns are file, patientid, label"))
    #expect(try refusal("image=file,group=9").contains("no column “9”"))
    source.files.removeLast()
    let none = #expect(throws: PreparationError.self) {
      try source.prepared { $0.columns = try ColumnRoles("image=a,group=b") }
    }
    #expect(none?.description.contains("holds no table") == true && none?.exitCode == .missingInput)
  }

  /// One table a split, and one outside the source.
  @Test func severalTables() throws {
    let source = try TestSource()
    try source.addPhotos(named: ["a.jpg", "b.jpg"])
    source.add("train.csv", "file,dx\na.jpg,flu\n")
    source.add("test.csv", "file,dx\nb.jpg,cold\n")
    var (report, samples) = try source.prepared { $0.columns = try ColumnRoles("image=file,label:d=dx") }
    #expect(samples.mapValues(\.split) == ["a.jpg": "train", "b.jpg": "test"])
    let captioned = try source.prepared { $0.columns = try ColumnRoles("image=file,caption=dx") }
    #expect(captioned.samples.mapValues(\.split) == ["a.jpg": "train", "b.jpg": "test"])
    #expect(captioned.samples.mapValues(\.captions) == ["a.jpg": ["flu"], "b.jpg": ["cold"]])
    try source.write("file,dx\na.jpg,x\nb.jpg,y\n", to: "outside.csv")
    (report, samples) = try source.prepared {
      $0.columns = try ColumnRoles("image=file,label:d=dx")
      $0.tables = [source.path("outside.csv")]
    }
    #expect(samples.mapValues(\.columns.labels) == ["a.jpg": ["d": ["x"]], "b.jpg": ["d": ["y"]]])
    #expect(report.columnSources.map(\.file) == ["outside.csv"])
  }
}
