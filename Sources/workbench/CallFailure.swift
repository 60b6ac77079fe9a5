import RPC
import SwiftProtobuf
import WorkbenchAPI

/// A failed call and its circumstances, which together make an error for the user.
struct CallFailure {
  /// The status of the call.
  var error: RPCError
  /// Where the daemon was looked for.
  var address: String
  /// Whether the connection is one with TLS.
  var usesTLS = false
  /// The limit that --timeout set.
  var timeout: Duration?
  /// Whether a part of the answer had arrived.
  var answered = false
  /// Whether a setting is named as on the command line.
  var namesOptions = true

  /// The error in words: what happened, and what to do about it.
  var explained: ClientError {
    switch error.code {
    case .unavailable where error.message.hasPrefix("failed to connect to all addresses"):
      if let failure = certificateFailure { return failure }
      let reason = error.message.split(separator: ": ").last.map { ": \($0)" } ?? ""
      return ClientError(
        .unavailable, "no daemon answers at \(address)\(reason)",
        hint: "start one with 'workbenchd', or name another with --address or \(DefaultAddress.variable)")
    case .unavailable where isLostConnection, .unknown where isLostConnection:
      return ClientError(
        .unavailable, "the daemon closed the connection",
        hint: "see its log, or find out with 'workbench status' whether it still runs")
    case .unavailable where error.message.hasPrefix("DNS resolution failed"):
      return ClientError(
        .unavailable, "the host of \(address) is not known", hint: "check the address and the name's spelling"
      )
    case .cancelled where error.message.isEmpty:
      return ClientError(
        .unavailable, "the daemon ended the call before it was answered",
        hint: "it may be stopping: see its log, or find out with 'workbench status' whether it still runs")
    case .deadlineExceeded where timeout != nil: return ClientError(.failure, late)
    case .resourceExhausted:
      guard let (size, limit) = oversized else {
        return ClientError(ExitStatus(error.code), message, hint: hint)
      }
      let (found, most) = (Format.bytes(size), Format.bytes(limit))
      guard limit < Limits.responseBytes else {
        return ClientError(.refused, "the answer has \(found); this client takes at most \(most) at once")
      }
      return ClientError(
        .usage, "the request has \(found); the daemon takes at most \(most) at once",
        hint: "give the text in several parts")
    case _ where error.message.hasPrefix("Received http2 header with status"):
      return ClientError(
        .unavailable, "what answers at \(address) is not workbenchd",
        hint: "check the address, and whether an HTTP proxy stands between (http_proxy)")
    default: return ClientError(ExitStatus(error.code), message, hint: hint)
    }
  }

  /// A connection with TLS that found somebody, but not a daemon that it can trust.
  private var certificateFailure: ClientError? {
    guard usesTLS else { return nil }
    if error.message.contains("is not in peer certificate") {
      return ClientError(
        .unavailable, "the certificate of the daemon at \(address) is for another name",
        hint: "use the name in the certificate as the host of --address")
    }
    if error.message.contains("certificate verify failed")
      || error.message.contains("CERTIFICATE_VERIFY_FAILED")
    {
      return ClientError(
        .unavailable, "the certificate of the daemon at \(address) is not signed by a trusted authority",
        hint: "give that authority's certificate with --ca FILE")
    }
    let ends = ["handshake failed", "wrong version number", "Connection reset by peer", "Socket closed"]
    guard ends.contains(where: error.message.contains) else { return nil }
    return ClientError(
      .unavailable, "what answers at \(address) does not speak TLS",
      hint: "check the port; for a daemon without TLS on this machine use http://host:port")
  }

  /// Messages of gRPC's core for a connection that ended during a call.
  private var isLostConnection: Bool {
    let ends = [
      "Socket closed", "Transport closed", "Stream removed", "Broken pipe", "Connection reset by peer",
    ]
    return ends.contains { error.message == $0 || error.message.hasSuffix(": \($0)") }
  }

  /// The bytes of a message that was larger than its receiver takes, and how many it takes (a message of gRPC's core).
  private var oversized: (size: UInt64, limit: UInt64)? {
    let numbers = error.message.split { !$0.isNumber }.compactMap { UInt64($0) }
    guard error.message.contains("eceived message larger than max"), numbers.count == 2 else { return nil }
    return (numbers[0], numbers[1])
  }

  private var late: String {
    let seconds =
      timeout.map { Double($0.components.seconds) + Double($0.components.attoseconds) / 1e18 } ?? 0
    let limit = "\(Format.number(seconds)) s (--timeout)"
    return answered ? "the answer was cut off after \(limit)" : "no answer within \(limit)"
  }

  /// The daemon's message, in which the field at fault is named as the option that the user typed.
  private var message: String {
    var words = plainMessage.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    for violation in violations {
      let field = violation.field.split(separator: ".").last.map(String.init) ?? ""
      // An option that may be repeated is named without the place in the list: `stop` for `stop[0]`.
      let name = String(field.prefix { $0 != "[" })
      guard let typed = namesOptions ? Self.options[name] : Self.settings[name] else { continue }
      for index in words.indices where [field, field + ":", field + ","].contains(words[index]) {
        words[index] = typed + words[index].dropFirst(field.count)
      }
    }
    // What a message advises, about whatever field.
    guard namesOptions, let index = words.firstIndex(of: "truncate_context") else {
      return words.joined(separator: " ")
    }
    words[index] = "--truncate"
    return words.joined(separator: " ")
  }

  private var plainMessage: String { error.message.isEmpty ? error.code.name : error.message }

  /// Fields and waiting times from the details of the status, unless the message has them.
  private var hint: String? {
    var parts = violations.filter { $0.description_p != error.message }.map {
      "\($0.field): \($0.description_p)"
    }
    for detail in details {
      if let retry = try? Google_Rpc_RetryInfo(unpackingAny: detail) {
        parts.append("try again in \(Format.seconds(retry.retryDelay))")
      }
    }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private var violations: [Google_Rpc_BadRequest.FieldViolation] {
    details.flatMap { (try? Google_Rpc_BadRequest(unpackingAny: $0))?.fieldViolations ?? [] }
  }

  private var details: [Google_Protobuf_Any] {
    guard let bytes = error.details else { return [] }
    return (try? Google_Rpc_Status(serializedBytes: bytes))?.details ?? []
  }

  /// Options by the fields of the API that they fill.
  private static let options: [String: String] = {
    let fields = [
      "max_tokens", "temperature", "top_k", "top_p", "min_p", "repetition_penalty", "presence_penalty",
      "frequency_penalty", "penalty_last_n", "seed", "order", "logit_bias", "ids", "stop",
      "context_length", "threads", "max_sequences", "cache_bytes", "cache_type", "if_version",
    ]
    let others = [
      ("top_logprobs", "--logprobs"), ("window_tokens", "--window"), ("overlap_tokens", "--overlap"),
    ]
    let pairs = fields.map { ($0, "--" + String($0.map { $0 == "_" ? "-" : $0 })) }
    return Dictionary(uniqueKeysWithValues: pairs + others)
  }()

  /// Settings of a conversation by the fields that they fill, where the names differ.
  private static let settings = ["top_logprobs": "logprobs", "chain": "stages"]
}
