import Glibc
import Synchronization
import Testing

@testable import Inference

@Suite("Thread team")
struct ThreadTeamTests {
  @Test("Every piece is claimed once between two barriers", arguments: [1, 2, 3, 8])
  func claims(count: Int) throws {
    let team = try ThreadTeam(count: count)
    for total in [0, 1, 7, 1000] {
      let taken = UnsafeMutablePointer<Int>.allocate(capacity: max(total, 1))
      defer { taken.deallocate() }
      taken.initialize(repeating: 0, count: max(total, 1))
      team.run { member in
        for _ in 0..<50 {
          while let share = member.claim(of: total, minimum: 2) {
            for piece in share { taken[piece] += 1 }
          }
          member.barrier()
        }
      }
      #expect(UnsafeBufferPointer(start: taken, count: total).allSatisfy { $0 == 50 })
    }
  }

  @Test("After a barrier everyone sees what everyone wrote", arguments: [2, 5])
  func barriers(count: Int) throws {
    let team = try ThreadTeam(count: count)
    let pieces = 3 * count
    let values = UnsafeMutablePointer<Int>.allocate(capacity: pieces)
    defer { values.deallocate() }
    values.initialize(repeating: 0, count: pieces)
    let wrong = Atomic<Int>(0)
    team.run { member in
      for round in 1...1000 {
        while let share = member.claim(of: pieces, minimum: 1) {
          for piece in share { values[piece] = round }
        }
        member.barrier()
        while let share = member.claim(of: pieces, minimum: 1) {
          for piece in share where values[pieces - 1 - piece] != round { wrong.add(1, ordering: .relaxed) }
        }
        member.barrier()
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  @Test("A member that is kept away does not hold up the others")
  func absent() throws {
    let team = try ThreadTeam(count: 3)
    let gate = Atomic<Bool>(false)
    let phases = Atomic<Int>(0)
    team.run { member in
      // Members other than the caller wait until the caller has done all phases alone.
      while member.index != 0, !gate.load(ordering: .acquiring) { sched_yield() }
      for _ in 0..<100 {
        while let share = member.claim(of: 7, minimum: 1) { phases.add(share.count, ordering: .relaxed) }
        member.barrier()
      }
      if member.index == 0 { gate.store(true, ordering: .releasing) }
    }
    #expect(phases.load(ordering: .relaxed) == 700)
  }

  @Test("Phases without pieces are no phases, and a run may end without a barrier")
  func empty() throws {
    let team = try ThreadTeam(count: 3)
    for _ in 0..<200 {
      let pieces = Atomic<Int>(0)
      team.run { member in
        while let share = member.claim(of: 0, minimum: 1) { pieces.add(share.count, ordering: .relaxed) }
        member.barrier()
        member.barrier()
        while let share = member.claim(of: 50, minimum: 3) { pieces.add(share.count, ordering: .relaxed) }
      }
      #expect(pieces.load(ordering: .relaxed) == 50)
    }
  }

  @Test("Teams come and go, also without ever having worked")
  func lifetime() throws {
    for count in 1...4 {
      for runs in 0..<20 {
        let team = try ThreadTeam(count: count)
        let pieces = Atomic<Int>(0)
        for _ in 0..<runs {
          team.run { member in
            while let share = member.claim(of: 10, minimum: 1) { pieces.add(share.count, ordering: .relaxed) }
          }
        }
        #expect(pieces.load(ordering: .relaxed) == runs * 10)
      }
    }
  }

  @Test("A team without work costs no processor time")
  func idle() throws {
    let team = try ThreadTeam(count: 4)
    team.run { $0.barrier() }
    // On a busy machine a member may wait for long before it gets to give up looking.
    var before = team.processorSeconds()
    var rounds = 0
    while rounds < 600 {
      usleep(200_000)
      let after = team.processorSeconds()
      if after == before { break }
      before = after
      rounds += 1
    }
    #expect(rounds < 600, "threads still run")
  }

  @Test("A list of cores is counted as the kernel writes it")
  func cores() {
    #expect(System.cores(in: "\t0-3,8\n") == 5)
    #expect(System.cores(in: "0") == 1)
    #expect(System.cores(in: "3-1") == nil)
    #expect(System.cores(in: "a") == nil)
    #expect(System.cores(in: "0-2147483647") == 2_147_483_648)
    #expect(System.availableCores() >= 1)
    #expect(System.field("B:", in: "A: 1 kB\nB:   22 kB\n") == 22)
  }
}
