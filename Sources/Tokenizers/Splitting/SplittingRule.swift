/// The rule by which a byte-level vocabulary cuts text before merging, named in `tokenizer.ggml.pre`.
///
/// Names, and which of them share a rule, follow llama.cpp (src/llama-vocab.cpp); the patterns are those in the
/// `tokenizer.json` of the models.
struct SplittingRule: Sendable {
  /// The name in the file.
  var name: String
  /// The passes, in order.
  var passes: [Pass]
  /// Whether a word that is a token becomes that token, whatever the merges say.
  var ignoresMerges = false
  /// Whether the models expect a beginning of sequence if the file does not say.
  var addsBeginning = false

  /// One pass, not yet compiled.
  enum Pass: Sendable {
    /// Matches of a pattern.
    case pattern(String)
    /// Runs of the given class in threes from the end.
    case digitTriples(String, DigitTriples.Edges)
  }

  /// The rule called `name`.
  static func named(_ name: String) throws(TokenizerError) -> SplittingRule {
    guard let index = SplittingRules.all.firstIndex(where: { $0.names.contains(name) }) else {
      let known = (SplittingRules.all.flatMap(\.names) + PipelineFile.rawRules).sorted()
      throw .unknownName(key: MetadataKey.pre, name: name, known: known)
    }
    let entry = SplittingRules.all[index]
    return SplittingRule(
      name: name, passes: entry.passes, ignoresMerges: SplittingRules.ignoringMerges.contains(name),
      addsBeginning: SplittingRules.addingBeginning.contains(name))
  }

  /// The compiled passes.
  func makeSplitter() throws(TokenizerError) -> Splitter {
    var compiled: [Splitter.Pass] = []
    for pass in passes {
      switch pass {
      case .pattern(let pattern):
        compiled.append(.pattern(try SplitAutomaton(pattern)))
      case .digitTriples(let set, let edges):
        compiled.append(.digitTriples(try DigitTriples(set: set, edges: edges)))
      }
    }
    return Splitter(passes: compiled)
  }
}
