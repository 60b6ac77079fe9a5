import Host
import Runtime
import WorkbenchAPI

extension ProtoTemplate {
  init(_ record: TemplateRecord) {
    self.init()
    name = record.template.name
    summary = record.template.summary
    origin = record.template.origin.rawValue
    stop = record.template.stop
    version = UInt32(clamping: record.template.version)
    versions = record.versions.map { UInt32(clamping: $0) }
    problem = record.problem
  }
}
