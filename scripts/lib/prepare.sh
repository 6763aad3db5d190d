# Sourced by the scripts beside this folder. Makes sure that what the build and the tests need is there:
# Debian packages (installed when we may, named when we may not) and a Swift that reads our manifest.
#
#     prepare_root        the repository's folder, found from this file, so that any working directory will do
#     prepare             all checks; exits 1 with what to do when something is missing

prepare_root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"

# Needed to build: SQLite, zlib, libsodium, libedit, OpenSSL, and pkg-config, by which the package manager finds them.
# Needed by the tests: python3 (the client under spec/), sqlite3 (reads the store as an operator would), openssl (a TLS
# client and certificates that are not ours), procps.
# strace puts errors into the system calls of the server; those tests are left out where tracing is not permitted.
prepare_packages=(
    libsqlite3-dev zlib1g-dev libsodium-dev libedit-dev libssl-dev pkg-config
    python3 sqlite3 openssl procps strace
)
prepare_swift_oldest="6.2"

prepare_fail() {
    printf '%s\n' "$@" >&2
    exit 1
}

# The packages of the list that are not installed, one a line. A package counts when its status says so or when
# an installed one provides it (pkgconf provides pkg-config).
prepare_missing_packages() {
    local package installed
    installed="$(dpkg-query -W -f '${db:Status-Status} ${Package} ${Provides}\n' 2>/dev/null |
        sed -n 's/^installed //p' | tr -s ' ,' '\n')"
    for package in "${prepare_packages[@]}"; do
        grep -qxF -- "$package" <<<"$installed" || printf '%s\n' "$package"
    done
}

prepare_install_packages() {
    if ! command -v dpkg-query >/dev/null; then
        echo "Not a Debian system: taking it that SQLite, zlib, libsodium, libedit and OpenSSL are installed with their headers." >&2
        return
    fi
    local missing
    mapfile -t missing < <(prepare_missing_packages)
    ((${#missing[@]})) || return 0

    echo "Debian packages missing: ${missing[*]}" >&2
    local rights
    if [[ $(id -u) -eq 0 ]]; then
        rights=()
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        rights=(sudo -n)
    else
        prepare_fail "Installing them needs root. Please run this line, then start again:" "" \
            "    sudo apt-get update && sudo apt-get install -y ${missing[*]}" ""
    fi
    echo "Installing them with apt-get." >&2
    "${rights[@]}" apt-get update -q >&2 &&
        "${rights[@]}" env DEBIAN_FRONTEND=noninteractive \
            apt-get install -q -y --no-install-recommends "${missing[@]}" >&2 ||
        prepare_fail "apt-get could not install: ${missing[*]}"
    mapfile -t missing < <(prepare_missing_packages)
    ((${#missing[@]} == 0)) || prepare_fail "Still missing after apt-get: ${missing[*]}"
}

prepare_check_swift() {
    local oldest="$prepare_swift_oldest" found
    command -v swift >/dev/null ||
        prepare_fail "Swift is not installed, or not on PATH. Swift $oldest or newer is needed: https://www.swift.org/install/linux/"
    found="$(swift --version 2>/dev/null | sed -n 's/.*Swift version \([0-9][0-9.]*\).*/\1/p' | head -n 1)"
    [[ -n "$found" ]] || prepare_fail "\`swift --version\` does not name a version; Swift $oldest or newer is needed."
    # sort -V puts the older first: the oldest we take must not come after what was found.
    [[ "$(printf '%s\n' "$oldest" "$found" | sort -V | head -n 1)" == "$oldest" ]] ||
        prepare_fail "Swift $found is too old: $oldest or newer is needed, see https://www.swift.org/install/linux/"
}

prepare() {
    prepare_install_packages
    prepare_check_swift
}
