public import ArgumentParser
public import Units

extension ByteSize: ExpressibleByArgument {
  /// A size as an argument.
  public init?(argument: String) { self.init(argument) }
}
