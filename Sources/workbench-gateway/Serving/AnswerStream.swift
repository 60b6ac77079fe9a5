import AsyncAlgorithms
import Hummingbird
import NIOCore
import RPC
import WorkbenchAPI

/// Answers as server-sent events, which come as they are generated.
struct AnswerStream: Sendable {
  let daemon: Daemon
  let calls: [GenerationCall]
  let form: any AnswerForm

  private typealias Responses = AsyncThrowingChannel<(Int, ProtoGenerationResponse), any Error>

  /// The response, once the daemon has accepted the first of the calls; what fails later is part of the stream.
  func response(to connection: Connection?) async throws -> Response {
    guard let call = calls.first else { throw APIError.invalid(nil, "nothing to answer") }
    let first = try await daemon.begin(call)
    return Response.events { writer in
      do {
        if calls.count == 1 {
          try await writeOne(first, connection, to: &writer)
        } else {
          try await writeAll(first, connection, to: &writer)
        }
      } catch let error as APIError {
        try await writer.write(ByteBuffer(bytes: Event.failure(error, form.errors)))
      }
    }
  }

  private func writeOne(
    _ generation: Generation, _ connection: Connection?, to writer: inout any ResponseBodyWriter
  ) async throws {
    connection?.whenGone { generation.rest.cancel() }
    defer {
      connection?.whenGone(nil)
      generation.rest.cancel()
    }
    var choices = [Choice()]
    try await write(0, generation.first, &choices, to: &writer)
    while let response = try await generation.rest.next() {
      try await write(0, response, &choices, to: &writer)
    }
    try await writer.write(ByteBuffer(bytes: form.ending(choices)))
  }

  /// Choices are generated at the same time, and each response is written as it comes.
  private func writeAll(
    _ first: Generation, _ connection: Connection?, to writer: inout any ResponseBodyWriter
  ) async throws {
    let responses = Responses()
    let producer = Task {
      do {
        try await withThrowingTaskGroup { group in
          for (index, call) in calls.enumerated() {
            group.addTask {
              try await send(index == 0 ? first : try await daemon.begin(call), index, to: responses)
            }
          }
          try await group.waitForAll()
        }
        responses.finish()
      } catch {
        responses.fail(error)
      }
    }
    connection?.whenGone { producer.cancel() }
    defer {
      connection?.whenGone(nil)
      producer.cancel()
    }
    var choices = [Choice](repeating: Choice(), count: calls.count)
    for try await (index, response) in responses { try await write(index, response, &choices, to: &writer) }
    try await writer.write(ByteBuffer(bytes: form.ending(choices)))
  }

  private func send(_ generation: Generation, _ index: Int, to responses: Responses) async throws {
    await responses.send((index, generation.first))
    while let response = try await generation.rest.next() { await responses.send((index, response)) }
  }

  private func write(
    _ index: Int, _ response: ProtoGenerationResponse, _ choices: inout [Choice],
    to writer: inout any ResponseBodyWriter
  ) async throws {
    choices[index].note(response)
    var bytes: [UInt8] = response.hasStart ? form.opening(index, response.start) : []
    bytes += form.piece(index, response)
    if response.hasFinish { bytes += form.closing(index, choices[index]) }
    if !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
  }
}
