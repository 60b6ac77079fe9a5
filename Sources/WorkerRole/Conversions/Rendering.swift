import Pipeline
import Runtime
import Tokens
import WorkbenchAPI

extension ProtoRenderTemplateResponse {
  /// A rendering and the template that made it.
  init(_ rendered: RenderedText, of source: TemplateSource) {
    self.init()
    text = rendered.text
    template = source.name
    templateVersion = UInt32(clamping: source.version)
    tokenIds = rendered.tokens.map { UInt32(bitPattern: $0.rawValue) }
    spans = rendered.spans.map { span in
      var message = ProtoPromptSpan()
      message.begin = UInt32(clamping: span.range.lowerBound)
      message.end = UInt32(clamping: span.range.upperBound)
      message.origin = span.origin
      message.specialSpellings = span.specialSpellings.map { range in
        var spelling = ProtoByteRange()
        spelling.begin = UInt32(clamping: range.lowerBound)
        spelling.end = UInt32(clamping: range.upperBound)
        return spelling
      }
      return message
    }
  }
}
