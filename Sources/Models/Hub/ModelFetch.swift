internal import Downloads
internal import Files
internal import Models
internal import Reporting

/// Brings a model's files into the cache, or finds them there.
struct ModelFetch {
  let name: HubName
  let client: HubClient
  let cache: HubCache
  private var revision: String { name.revision ?? "main" }

  init(_ name: HubName, client: HubClient) {
    (self.name, self.client) = (name, client)
    cache = HubCache(client.settings.cache, name)
  }

  /// The directory with the model's files.
  ///
  /// - Throws: `HubError`, `DownloadError`, `FileError`.
  func directory() throws -> String {
    if isCommit(revision), isComplete(revision) { return cache.snapshot(revision) }
    let cached = usableCommit()
    if client.settings.isOffline {
      guard let cached else { throw HubError.notCached(name: name.description, cache: cache.root) }
      return cache.snapshot(cached)
    }
    do {
      return cache.snapshot(try fetch(hasCache: cached != nil))
    } catch let error as DownloadError where error.exitCode == .network {
      guard let cached else { throw error }
      note("warning: \(error.happening); using what is cached of \(name), commit \(cached)", client.output)
      return cache.snapshot(cached)
    }
  }

  /// Fetches what is missing of the revision, weights last; then the branch's name is moved, so that it never points to
  /// half a model. Returns the commit.
  private func fetch(hasCache: Bool) throws -> String {
    var retries = client.retries
    if hasCache { retries.fruitlessTries = 1 }  // better an older copy at once than a newer one in a minute
    var search = Search(fetch: self, retries: retries, commit: isCommit(revision) ? revision : nil)
    for file in ModelFiles.descriptions { try search.find(file) }
    guard let commit = search.commit else {
      throw HubError.noRepository(name: name.description, endpoint: client.settings.endpoint)
    }
    guard !search.present.isDisjoint(with: ModelFiles.configurations) else {
      throw HubError.noConfiguration(name: name.description)
    }
    if search.present.isSuperset(of: ModelFiles.configurations) {
      // Which of them states the architecture, and so which weights are meant, is written in the first.
      for file in search.missing { try client.fetch(file, of: name, into: cache) }
      search.missing = []
    }
    guard let weights = try weights(commit).first(where: { try search.find($0) }) else {
      throw HubError.noWeights(
        name: name.description, others: try ModelFiles.otherWeights.filter { try search.find($0) })
    }
    for file in search.missing { try client.fetch(file, of: name, into: cache) }
    if weights == ModelFiles.index { try fetchShards(commit, &search) }
    try cache.setCommit(commit, of: revision)
    return commit
  }

  private func fetchShards(_ commit: String, _ search: inout Search) throws {
    search.missing = []
    for shard in try indexedShards(commit) {
      guard try search.find(shard) else {
        throw HubError.badIndex(name: name.description, reason: "it names \(shard), which is not there")
      }
    }
    for file in search.missing { try client.fetch(file, of: name, into: cache) }
  }

  private func indexedShards(_ commit: String) throws -> [String] {
    try shards(ofIndexAt: cache.snapshot(commit) + "/" + ModelFiles.index, name: name.description)
  }
}

/// What the cache has.
extension ModelFetch {
  /// The weights to look for, by what the commit's configuration is of.
  private func weights(_ commit: String) -> [String] {
    let directory = cache.snapshot(commit)
    let configuration = try? readFile(directory + "/config.json", limit: 1 << 20)
    return ModelFiles.weights(
      isOpenCLIP: cache.state(of: "open_clip_config.json", at: commit) == .here
        && configuration.map { ModelCatalogue.knows(json: $0) } != true)
  }

  /// Whether nothing about the commit is left to be asked.
  private func isComplete(_ commit: String) -> Bool {
    guard ModelFiles.descriptions.allSatisfy({ cache.state(of: $0, at: commit) != .unknown }) else { return false }
    let first = weights(commit).first { cache.state(of: $0, at: commit) != .absent }
    return first.map { hasWeights($0, commit) } ?? false
  }

  /// The commit that the revision last stood for, if a model can be built from what is here of it.
  private func usableCommit() -> String? {
    guard let commit = isCommit(revision) ? revision : cache.commit(of: revision),
      ModelFiles.configurations.contains(where: { cache.state(of: $0, at: commit) == .here }),
      weights(commit).contains(where: { hasWeights($0, commit) })
    else { return nil }
    return commit
  }

  private func hasWeights(_ file: String, _ commit: String) -> Bool {
    guard cache.state(of: file, at: commit) == .here else { return false }
    guard file == ModelFiles.index else { return true }
    guard let shards = try? indexedShards(commit) else { return false }
    return shards.allSatisfy { cache.state(of: $0, at: commit) == .here }
  }
}

/// Which of a revision's files there are, and which of those must be fetched.
private struct Search {
  let fetch: ModelFetch
  let retries: RetryPolicy
  /// Known from the first answer on; all further questions are about it, so that no update comes between two files.
  var commit: String?
  var present: Set<String> = []
  var missing: [RemoteFile] = []

  /// Whether there is such a file.
  @discardableResult
  mutating func find(_ file: String) throws -> Bool {
    if let commit, fetch.cache.state(of: file, at: commit) != .unknown { return settle(file, at: commit) }
    let revision = commit ?? fetch.name.revision ?? "main"
    switch try fetch.client.look(up: file, of: fetch.name, at: revision, retries: retries) {
    case .absent(let found):
      commit = commit ?? found
      if let commit { fetch.cache.setAbsent(file, at: commit) }
      return false
    case .file(let remote):
      guard commit == nil || commit == remote.commit else {
        throw HubError.notAHub(
          endpoint: fetch.client.settings.endpoint, reason: "commit \(remote.commit) where another was asked for")
      }
      commit = remote.commit
      if fetch.cache.state(of: file, at: remote.commit) != .here { missing.append(remote) }
      present.insert(file)
      return true
    }
  }

  private mutating func settle(_ file: String, at commit: String) -> Bool {
    guard fetch.cache.state(of: file, at: commit) == .here else { return false }
    present.insert(file)
    return true
  }
}
