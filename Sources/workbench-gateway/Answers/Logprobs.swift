import Foundation
import JSON
import WorkbenchAPI

/// Log-probabilities in OpenAI's two forms.
enum Logprobs {
  /// That of chats: an object for each token, with its bytes.
  static func chat(_ tokens: [ProtoGeneratedToken], _ writer: inout JSONWriter) {
    writer.key("logprobs")
    writer.object { writer in
      writer.key("content")
      writer.array { writer in
        for token in tokens where token.hasLogprob {
          writer.object { writer in
            members(token.bytes, token.logprob, &writer)
            writer.key("top_logprobs")
            writer.array { writer in
              for other in token.alternatives {
                writer.object { members(other.bytes, other.logprob, &$0) }
              }
            }
          }
        }
      }
      writer.field("refusal", nil)
    }
  }

  /// That of completions: parallel lists, in which the first token begins at the offset 0.
  static func completion(
    prompt: [ProtoScoredToken], _ tokens: [ProtoGeneratedToken], _ writer: inout JSONWriter
  ) {
    var entries = prompt.map {
      Entry(
        bytes: $0.bytes, logprob: $0.hasLogprob ? $0.logprob : nil, special: $0.special,
        alternatives: $0.alternatives)
    }
    entries += tokens.filter(\.hasLogprob).map {
      Entry(bytes: $0.bytes, logprob: $0.logprob, special: $0.special, alternatives: $0.alternatives)
    }
    writer.key("logprobs")
    writer.object { writer in
      writer.key("tokens")
      writer.array { writer in for entry in entries { writer.string(entry.text) } }
      writer.key("token_logprobs")
      writer.array { writer in
        for entry in entries {
          if let value = entry.logprob { writer.double(Double(value)) } else { writer.null() }
        }
      }
      writer.key("top_logprobs")
      writer.array { writer in for entry in entries { table(entry, &writer) } }
      writer.key("text_offset")
      writer.array { writer in
        var place = 0
        for entry in entries {
          writer.int(place)
          place += entry.special ? 0 : entry.text.unicodeScalars.count
        }
      }
    }
  }

  /// One alternative with its id.
  static func alternative(_ token: ProtoTokenAlternative, _ writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", Int(token.id))
      members(token.bytes, token.logprob, &writer)
    }
  }

  private struct Entry {
    var bytes: Data
    var logprob: Float?
    var special: Bool
    var alternatives: [ProtoTokenAlternative]
    var text: String { String(decoding: bytes, as: UTF8.self) }
  }

  /// Texts and their log-probabilities; of tokens with the same text the first, which is the likeliest.
  private static func table(_ entry: Entry, _ writer: inout JSONWriter) {
    guard entry.logprob != nil else { return writer.null() }
    var seen: Set<String> = []
    writer.object { writer in
      for other in entry.alternatives {
        let text = String(decoding: other.bytes, as: UTF8.self)
        guard seen.insert(text).inserted else { continue }
        writer.key(text)
        writer.double(Double(other.logprob))
      }
    }
  }

  private static func members(_ bytes: Data, _ logprob: Float, _ writer: inout JSONWriter) {
    writer.field("token", String(decoding: bytes, as: UTF8.self))
    writer.key("logprob")
    writer.double(Double(logprob))
    writer.key("bytes")
    writer.array { writer in for byte in bytes { writer.int(Int(byte)) } }
  }
}
