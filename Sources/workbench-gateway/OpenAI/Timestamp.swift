import Foundation
import SwiftProtobuf

/// Times as JSON has them.
enum Timestamp {
  /// RFC 3339, in whole seconds.
  static func text(_ time: Google_Protobuf_Timestamp) -> String {
    Date(timeIntervalSince1970: Double(time.seconds)).formatted(.iso8601)
  }
}
