import Testing

/// Compares what a mutating call returned, which the macro cannot take as an argument.
func expectEqual<Value: Equatable>(
  _ value: Value, _ expected: Value, at location: SourceLocation = #_sourceLocation
) {
  #expect(value == expected, sourceLocation: location)
}
