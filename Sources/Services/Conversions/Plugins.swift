import Host
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
