import Glibc
import SwiftProtobuf

/// Numbers, sizes and times as text for people.
enum Format {
  /// Bytes in powers of 1024: `98.3 MiB`.
  static func bytes(_ count: UInt64) -> String {
    var value = Double(count)
    for unit in ["B", "KiB", "MiB", "GiB"] {
      if value < 1024 { return unit == "B" ? "\(count) B" : "\(decimal(value, 1)) \(unit)" }
      value /= 1024
    }
    return "\(decimal(value, 1)) TiB"
  }

  /// A count with a power of 1000: `135 M`.
  static func count(_ count: UInt64) -> String {
    var value = Double(count)
    for unit in ["", " K", " M", " B"] {
      if value < 1000 { return unit.isEmpty ? "\(count)" : decimal(value, value < 10 ? 1 : 0) + unit }
      value /= 1000
    }
    return decimal(value, 1) + " T"
  }

  /// A duration in seconds, `0.25 s`, or `2 h 5 min` when long.
  static func seconds(_ duration: Google_Protobuf_Duration) -> String {
    seconds(seconds(of: duration))
  }

  /// Seconds in the largest fitting units: `0.25 s`, `1 min 30 s`, `2 h 5 min`, `2 d 7 h`.
  static func seconds(_ value: Double) -> String {
    if value < 60 { return decimal(value, value < 10 ? 2 : 1) + " s" }
    guard value < 1e15 else { return "\(value) s" }
    let minutes = Int(value) / 60
    let (days, hours) = (minutes / 1440, minutes / 60 % 24)
    if days > 0 { return "\(days) d \(hours) h" }
    return hours > 0 ? "\(hours) h \(minutes % 60) min" : "\(minutes) min \(Int(value) % 60) s"
  }

  /// A duration as a number of seconds.
  static func seconds(of duration: Google_Protobuf_Duration) -> Double {
    Double(duration.seconds) + Double(duration.nanos) / 1e9
  }

  /// A number with a fixed count of digits after the point.
  static func decimal(_ value: Double, _ digits: Int) -> String {
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    let whole = (scaled / scale).rounded(.down)
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return sign + "\(Int(whole))" }
    let rest = String(Int(scaled - whole * scale))
    return "\(sign)\(Int(whole))." + String(repeating: "0", count: max(0, digits - rest.count)) + rest
  }

  /// A part of 1 as a percentage: `41.2%`, `0.03%`, `<0.01%`.
  static func share(_ value: Double) -> String {
    if value <= 0 { return "0%" }
    if value < 0.0001 { return "<0.01%" }
    let digits = value < 0.001 ? 2 : 1
    let text = decimal(value * 100, digits)
    return (value < 1 && text == "100.0" ? ">99.9" : text) + "%"
  }

  /// e to the power of a number.
  static func exponential(_ value: Double) -> Double { exp(value) }

  /// A number, without `.0` if it is whole.
  static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  /// A point in time, in UTC: `2026-01-31 12:00:00 UTC`.
  static func time(_ stamp: Google_Protobuf_Timestamp) -> String {
    var seconds = time_t(stamp.seconds)
    var parts = tm()
    guard gmtime_r(&seconds, &parts) != nil else { return "" }
    var buffer = [CChar](repeating: 0, count: 64)
    let length = strftime(&buffer, buffer.count, "%Y-%m-%d %H:%M:%S UTC", &parts)
    return String(decoding: buffer[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
