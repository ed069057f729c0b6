internal import ArgumentParser
internal import Collectives
internal import Inference
internal import Logging
internal import Pretrained
internal import Reporting
internal import Serving
internal import Training

/// `mmtrain serve`: runs, search and predictions as pages of this machine.
struct ServeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serve",
    abstract: "Show runs, a collection that is searched, and what a model says, as pages in a browser.",
    discussion: """
      mmtrain serve --runs runs/
      mmtrain serve --runs runs/ --index photos.safetensors --model runs/flowers/best
      curl -H "Authorization: Bearer TOKEN" http://127.0.0.1:8080/api/runs

      It prints the address to open, which holds a token: nothing is shown without it. Only this machine reaches the server,
      unless --host says otherwise. Pages work without scripts; below /api, or asked for application/json, the same comes as
      JSON. Ctrl-C ends it.
      """)

  @Option(help: ArgumentHelp("The directory below which runs are shown.", valueName: "directory"))
  var runs: String?

  @Option(help: ArgumentHelp("What search index wrote: its photos, or clips, are searched.", valueName: "file"))
  var index: String?

  @Option(
    help: ArgumentHelp("Where the index's model is; by default where it was.", valueName: "model"))
  var indexModel: String?

  @Option(help: ArgumentHelp("A model that is asked as by mmtrain predict.", valueName: "model"))
  var model: String?

  @Option(help: .answers)
  var answers: String?

  @Option(help: ArgumentHelp("The address to listen on: of IPv4, of IPv6, or localhost.", valueName: "address"))
  var host = "127.0.0.1"

  @Option(help: ArgumentHelp("The port to listen on; 0 takes one that is free.", valueName: "n"))
  var port = 8080

  @Option(
    help: ArgumentHelp(
      "The token, of \(AccessToken.fewest) letters and digits at least; drawn where none is given.", valueName: "word"))
  var token: String?

  @OptionGroup var compute: ComputeOptions

  func validate() throws {
    if runs == nil, index == nil, model == nil { throw ValidationError("Give --runs, --index or --model") }
    if indexModel != nil, index == nil { throw ValidationError("--index-model is of --index; give both") }
    if answers != nil, model == nil { throw ValidationError("--answers is of --model; give both") }
    if !(0...65_535).contains(port) { throw ValidationError("--port must be from 0 to 65535") }
    if let token, AccessToken(token) == nil {
      throw ValidationError("--token is of \(AccessToken.fewest) to 200 letters, digits, '-', '.', '_' and '~'")
    }
  }

  func run() throws {
    StopFlag.install()
    let listener = try Listener(host: host, port: port)
    let token = token.flatMap { AccessToken($0) } ?? .drawn()
    let site = try Site(
      AccessGate(token, at: listener), runs: runs, search: try search(), predictions: try predictions())
    let server = Server(listener, site)
    try printResult("\(listener.address)/?token=\(token.text)\n")
    if !listener.isOfThisMachine {
      makeLogger(rank: nil).warning(
        "\(printable(host)) is reached from other machines, and what they send and see is not encrypted: whoever has the token or listens on the way sees it too"
      )
    }
    server.run { StopFlag.isSet }
    let (all, refused) = server.counts.answered
    writeToStandardError("stopped; \(all) requests were answered, \(refused) of them by a refusal\n")
  }

  private func search() throws -> PhotoSearch? {
    guard let index else { return nil }
    let (compute, indexModel) = (compute, indexModel)
    return try PhotoSearch(index: index) { name in
      try compute.load(indexModel ?? name, SoloCommunicator(), threads: compute.rankThreads())
    }
  }

  private func predictions() throws -> ModelPredictions? {
    guard let model else { return nil }
    let (compute, answers) = (compute, answers)
    return try ModelPredictions(of: model) {
      let directory = try ModelDirectory(path: modelPath(model, SoloCommunicator()))
      let threads = compute.rankThreads()
      let told = try TaskModel(
        [directory], answersFile: answers, asksWords: false, precision: compute.precision(isRoot: true),
        allowsNotFinite: compute.finiteness.allowsNotFinite, threads: threads)
      if let told {
        warnOfNotFinite(told.notFiniteTensors)
        return .task(told)
      }
      return .heads(try compute.load(directory, SoloCommunicator(), threads: threads))
    }
  }
}
