/// The items of a list or tuple.
///
/// Never changes: the sandbox forbids it.
final class ListObject {
  @exclusivity(unchecked) private var content: [Object]
  @exclusivity(unchecked) private var isOpen: Bool
  /// The items of a list of the context, and where they come from.
  private let input: [Value]
  private let source: Source?
  /// Names of the items of a named tuple, such as the groups of `groupby`.
  let fields: [String]
  /// Whether this is the content of a message, which counts as text where a template uses it as a string.
  let isContent: Bool
  /// How deep lists and mappings nest in this one; known once adopted.
  private(set) var depth = 1
  private var meter: Meter?

  init(_ items: [Object], fields: [String] = []) {
    content = items
    self.fields = fields
    input = []
    source = nil
    isContent = false
    isOpen = true
  }

  /// Makes a list of the context, whose items become values when somebody looks at them.
  init(_ values: [Value], _ source: Source, isContent: Bool = false) {
    self.isContent = isContent
    content = []
    fields = []
    input = values
    self.source = source
    isOpen = false
  }

  deinit { meter?.release(cost) }

  var items: [Object] {
    if !isOpen, let source {
      content = source.table.open(input, source)
      isOpen = true
    }
    return content
  }

  var count: Int { source == nil ? content.count : input.count }

  private var cost: Int { Meter.objectCost + count * MemoryLayout<Object>.stride }

  func adopt(_ meter: Meter, _ limits: Limits, _ level: Int) throws(JinjaError) {
    guard self.meter == nil else { return }
    if source != nil {
      depth = Value.list(input).depth(upTo: limits.nesting)
    } else {
      depth = try adoptItems(content, meter, limits, level)
    }
    self.meter = meter
    meter.add(cost)
  }
}
