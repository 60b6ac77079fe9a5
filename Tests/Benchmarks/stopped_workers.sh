#!/usr/bin/env bash
# Stops, kills and keeps busy one worker each, many times (about 7 s a round), and prints the slowest answer about the
# others and the slowest end of a stopped worker's stream; fails above 1 s and 10 s.
# Usage: Tests/Benchmarks/stopped_workers.sh [ROUNDS], after a build of the tests.
set -euo pipefail
cd "$(dirname "$0")/../.."
WORKBENCH_TEST_ROUNDS=${1:-500} SWIFT_BACKTRACE=enable=no \
  swift test --skip-build --no-parallel --filter EndToEndTests.StoppedWorkerTests
