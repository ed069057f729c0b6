import Files
import TestSupport
import Testing

/// The manual page and the completions in the repository are those of this program; `launch/manual` writes them.
@Suite struct ManualTests {
  @Test(arguments: [
    (["manual"], "docs/mmtrain.1"),
    (["--generate-completion-script", "bash"], "launch/completions/mmtrain.bash"),
    (["--generate-completion-script", "zsh"], "launch/completions/_mmtrain"),
    (["--generate-completion-script", "fish"], "launch/completions/mmtrain.fish"),
  ])
  func whatIsCommittedIsUpToDate(arguments: [String], file: String) throws {
    let result = try Program.run(Program.path, arguments)
    #expect(result.exitCode == 0, "\(result.errors)")
    let committed = String(decoding: try readFile(repositoryRoot + "/" + file), as: UTF8.self)
    #expect(result.output == committed, "\(file) is not what the program says: run launch/manual")
  }

  @Test func thePageNamesEveryCommandAndExitCode() throws {
    let page = try Program.run("manual").output
    for command in ["train", "prepare", "evaluate", "search index", "bench step"] {
      #expect(page.contains(".SS \"mmtrain \(command)\"\n"), "\(command)")
    }
    #expect(page.contains(".B 75\nstopped by a signal"))
    #expect(page.contains("\\fB\\-\\-restarts\\fR \\fIn\\fR"))
    #expect(!page.contains("self\\-test"), "what help hides is hidden here too")
  }
}
