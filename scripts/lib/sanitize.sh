# Sourced by scripts/test: the whole test suite with a sanitizer's eyes.
#
#     sanitize thread ARGUMENTS…      data races, in .build-thread
#     sanitize address ARGUMENTS…     memory used after its end or past it, in .build-address
#
# Reports go to files, so that those of the servers and clients that tests start as processes are found as well; one
# report is a failure, whatever the tests say. Tests with bounds of time or memory know the sanitizer by
# BOXOFFICE_SANITIZER (docs/fuzzing.md, Sanitizers).

sanitize() {
    local sanitizer="$1" reports status=0
    shift
    reports="$(mktemp -d)"
    export BOXOFFICE_SANITIZER="$sanitizer"
    # Everything is several times as slow, and what is repeated a thousand times shows nothing new to a sanitizer.
    export BOXOFFICE_POINTS="${BOXOFFICE_POINTS:-1000}" BOXOFFICE_KILLS="${BOXOFFICE_KILLS:-20}"
    export BOXOFFICE_FLIPS="${BOXOFFICE_FLIPS:-200}" BOXOFFICE_SIMULATION_COUNT="${BOXOFFICE_SIMULATION_COUNT:-10}"
    export SWIFT_DETERMINISTIC_HASHING=1
    # Leaks are not looked for: Swift's runtime and Foundation keep much for good. A report leaves a process's exit status
    # alone, since tests look at that.
    export TSAN_OPTIONS="suppressions=$PWD/scripts/lib/thread-sanitizer.supp:exitcode=0:log_path=$reports/report"
    export ASAN_OPTIONS="detect_leaks=0:log_path=$reports/report"
    swift test --scratch-path ".build-$sanitizer" --sanitize "$sanitizer" --disable-xctest --no-parallel \
        --explicit-target-dependency-import-check error "$@" || status=$?
    unset BOXOFFICE_SANITIZER TSAN_OPTIONS ASAN_OPTIONS
    if compgen -G "$reports/report.*" >/dev/null; then
        cat "$reports"/report.*
        echo "Failed: $(ls "$reports" | wc -l) processes with reports of the $sanitizer sanitizer (above)" >&2
        status=1
    fi
    rm -rf "$reports"
    return "$status"
}
