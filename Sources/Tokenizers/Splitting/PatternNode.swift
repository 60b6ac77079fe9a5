/// A splitting pattern as a tree.
indirect enum PatternNode {
  /// One scalar of a set.
  case set(ScalarSet)
  /// One after the other.
  case sequence([PatternNode])
  /// The first that matches, in order of preference.
  case choice([PatternNode])
  /// As often as possible (or, if lazy, as rarely) between `minimum` and `maximum` times; nil is no limit.
  case `repeat`(PatternNode, minimum: Int, maximum: Int?, isLazy: Bool)
  /// The next scalar is in the set, without taking it; `orEnd`: the end of the text will do as well.
  case next(ScalarSet, orEnd: Bool)
}
