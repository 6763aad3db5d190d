import Foundation
import Testing

@Suite("A client in another language", .serialized)
struct PythonTests {
    @Test("the Python client under spec/ signs up, queues, holds and pays by the specification alone")
    func buys() throws {
        let server = try ServerProcess("--demo")
        let script = Products.root.appending(path: "spec/python/buy.py").path()
        let run = try RunningProcess(URL(filePath: "/usr/bin/env"), ["python3", script, "127.0.0.1", "\(server.port)"])
            .finish()
        #expect(run.status == 0, "\(run.output)\(run.errors)")
        #expect(run.output.contains("\"done\""))
        #expect(try server.audit().status == 0)
        #expect(server.stop().status == 0)
    }
}
