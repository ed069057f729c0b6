internal import ArgumentParser
internal import Preparation

/// What `mmtrain prepare` is told about columns other than captions.
struct ColumnOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A file of questions, where it is not found by itself; give it several times for several.", valueName: "file"))
  var questions: [String] = []

  @Option(
    help: ArgumentHelp(
      "A file of answers to the questions of another file, or “none” where there is none.", valueName: "file"))
  var annotations: [String] = []

  @Option(help: ArgumentHelp("A file of boxes with phrases: COCO's instances, or JSON records.", valueName: "file"))
  var boxes: [String] = []

  @Option(
    help: ArgumentHelp(
      "Region features: a table (.tsv) of bottom-up attention, LXMERT, Oscar or VinVL, or a folder with an .npz a photo.",
      valueName: "path"))
  var regions: [String] = []

  @Option(
    help: ArgumentHelp(
      "What the columns of a table are: image=file,question=q,answer=a,label:finding=dx,text:report=note,group=patient.",
      valueName: "role=column,…"))
  var columns: String?

  @Option(help: ArgumentHelp("The table that --columns is about, where it is not found by itself.", valueName: "file"))
  var table: [String] = []

  var isEmpty: Bool { (questions + annotations + boxes + regions + table).isEmpty && columns == nil }

  func validate() throws {
    if columns == nil, !table.isEmpty {
      throw ValidationError("--table needs --columns, which says what its columns are")
    }
    if annotations.contains("none"), annotations.count > 1 {
      throw ValidationError("--annotations none says that there are none; leave out the others")
    }
    do throws(PreparationError) {
      if let columns { _ = try ColumnRoles(columns) }
    } catch {
      throw ValidationError(error.description)
    }
  }

  /// Puts them into a request.
  func describe(_ request: inout PreparationRequest) throws {
    request.questions = questions
    request.hasNoAnnotations = annotations == ["none"]
    request.annotations = request.hasNoAnnotations ? [] : annotations
    request.boxes = boxes
    request.regions = regions
    request.columns = try columns.map { try ColumnRoles($0) }
    request.tables = table
  }
}
