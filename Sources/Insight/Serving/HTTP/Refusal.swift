internal import Reporting

/// A request that is not answered as it asks to be: the status of HTTP, and a sentence that says what is wrong and what to do.
package struct Refusal: Error, Equatable {
  package let status: HTTPStatus
  package let message: String
  /// Header fields of the answer beside the usual ones.
  var fields: [HTTPField] = []

  init(_ status: HTTPStatus, _ message: String) { (self.status, self.message) = (status, message) }

  /// What an error of the house means to somebody who asks over HTTP: data that were sent and cannot be read, or a question that
  /// this model has no answer to, are the asker's; all else is not.
  init(_ error: any ReportableError) {
    switch error.exitCode {
    case .badData, .configuration, .usage: self.init(.unprocessableContent, error.description)
    case .missingInput: self.init(.notFound, error.description)
    default: self.init(.internalServerError, error.description)
    }
  }
}

extension Refusal {
  static func badRequest(_ message: String) -> Refusal { Refusal(.badRequest, message) }

  static func notFound(_ what: String) -> Refusal {
    Refusal(.notFound, "There is no \(what) here; the first page lists what there is.")
  }

  /// - Parameter allowed: the methods that there are.
  static func notAllowed(_ method: String, allowed: [String]) -> Refusal {
    let names = allowed.joined(separator: ", ")
    var refusal = Refusal(.methodNotAllowed, "\(printable(method, limit: 20)) is not done here; ask by \(names).")
    refusal.fields = [HTTPField("Allow", names)]
    return refusal
  }

  /// - Parameter seconds: after which to ask again.
  static func busy(_ what: String, seconds: Int) -> Refusal {
    var refusal = Refusal(.serviceUnavailable, "\(what); ask again in \(seconds) s.")
    refusal.fields = [HTTPField("Retry-After", "\(seconds)")]
    return refusal
  }
}
