import Runtime
import WorkbenchAPI

extension ProtoPlugin {
  init(_ record: PluginRecord) {
    self.init()
    path = record.path
    name = record.name
    version = record.version
    summary = record.summary
    state = record.refusal != nil ? .refused : record.quarantine != nil ? .quarantined : .accepted
    reason = record.refusal ?? record.quarantine ?? ""
    deaths = UInt32(clamping: record.deaths)
    offers = record.offers.map { ProtoPluginOffer($0) }
  }
}

extension ProtoPluginOffer {
  fileprivate init(_ offer: PluginRecord.Offer) {
    self.init()
    kind = offer.kind
    name = offer.name
    summary = offer.summary
    callNanoseconds = offer.nanoseconds ?? 0
    calls = offer.use.calls
    meanNanoseconds = offer.use.nanoseconds / max(offer.use.calls, 1)
    longestNanoseconds = offer.use.longestNanoseconds
    faults = offer.use.faults
    lastFault = offer.use.lastFault
    disabledIn = offer.disabledIn
  }
}

extension WorkerPluginUse {
  init(_ use: PluginUse) {
    self.init()
    kind = use.kind
    name = use.name
    calls = use.calls
    nanoseconds = use.nanoseconds
    longestNanoseconds = use.longestNanoseconds
    faults = use.faults
    lastFault = use.lastFault
    disabled = use.disabled
  }
}

extension PluginUse {
  init(_ message: WorkerPluginUse) {
    self.init(kind: message.kind, name: message.name)
    calls = message.calls
    nanoseconds = message.nanoseconds
    longestNanoseconds = message.longestNanoseconds
    faults = message.faults
    lastFault = message.lastFault
    disabled = message.disabled
  }
}
