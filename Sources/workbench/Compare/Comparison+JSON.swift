import JSON
import WorkbenchAPI

extension Comparison {
  /// The comparison as one JSON object.
  var json: String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("question")
      writer.string(question)
      writer.key("answers")
      writer.array { writer in
        for index in answers.indices { write(index, &writer) }
      }
      writer.key("partings")
      writer.array { writer in
        for (index, parting) in partings.enumerated() { Self.write(parting, right: index + 1, &writer) }
      }
    }
    return writer.text
  }

  private func write(_ index: Int, _ writer: inout JSONWriter) {
    let (variant, answer) = (variants[index], answers[index])
    writer.object { writer in
      func text(_ key: String, _ value: String?) {
        guard let value else { return }
        writer.key(key)
        writer.string(value)
      }
      text("label", variant.label)
      text("model", variant.model)
      text("template", answer.start?.template ?? variant.template)
      text("profile", answer.start?.profile ?? variant.profile)
      text("preset", variant.preset)
      writer.key("seed")
      writer.integer(digits: "\(variant.seed)")
      if let temperature = variant.temperature {
        writer.key("temperature")
        writer.double(Double("\(temperature)") ?? Double(temperature))
      }
      if let failure = answer.failure { return text("error", failure.message) }
      text("text", answer.text)
      writer.key("tokens")
      writer.array { writer in
        for token in answer.tokens {
          writer.object { writer in
            writer.key("id")
            writer.int(Int(token.id))
            writer.key("text")
            writer.string(String(decoding: token.bytes, as: UTF8.self))
            writer.key("logprob")
            writer.double(Double(token.logprob))
          }
        }
      }
      writer.key("mean_logprob")
      if let mean = answer.meanLogprob { writer.double(mean) } else { writer.null() }
      text("end", answer.finish.map(AnswerText.reason))
      guard !prompts.isEmpty else { return }
      writer.key("under")
      writer.array { writer in
        for prompt in prompts {
          if let score = prompt.scores[index] { Self.write(score, under: prompt.label, &writer) }
        }
      }
    }
  }

  private static func write(
    _ score: ScoredPrompt.Score, under prompt: String, _ writer: inout JSONWriter
  ) {
    writer.object { writer in
      writer.key("prompt")
      writer.string(prompt)
      writer.key("logprob")
      writer.double(score.logprob)
      writer.key("tokens")
      writer.int(score.tokens)
    }
  }

  private static func write(_ parting: Parting, right: Int, _ writer: inout JSONWriter) {
    writer.object { writer in
      writer.key("left")
      writer.int(0)
      writer.key("right")
      writer.int(right)
      switch parting {
      case .same:
        writer.key("same")
        writer.bool(true)
      case .unknown: break
      case .token(let place), .character(let place):
        writer.key("same")
        writer.bool(false)
        writer.key(parting == .token(place) ? "token" : "character")
        writer.int(place)
      }
    }
  }
}
