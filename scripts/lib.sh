# shellcheck shell=bash
# Shared by scripts/demo, scripts/test, scripts/bench and others: the packages that the project needs,
# and how to install them.
# Sourced by bash, never run. Sets $root, the project's folder.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

# The needed packages: purpose | Debian package | how to detect it | description.
# Where releases of Debian differ, "A or B" is the first of these packages that apt-get has. "A or none" is
# left out where apt-get does not have it.
# A later purpose includes the earlier ones: demo = build + demo, tool = build + demo + tool,
# test = build + demo + tool + test + browser + attack, bench = build + demo + bench, and stores with
# scripts/bench --stores. arm64 is independent: it needs a compiler and libraries for another processor,
# and none for this one.
needs='
build|g++|command g++|C++20 compiler, g++ 12 or newer
build|cmake|command cmake|CMake 3.25 or newer
build|ninja-build|command ninja|Ninja
build|libxxhash-dev|header xxhash.h|xxHash
build|libssl-dev|header openssl/evp.h|OpenSSL 3
build|libicu-dev|header unicode/coll.h|ICU
build|libcpp-httplib-dev|header httplib.h|cpp-httplib 0.11 or newer
build|libboost1.81-dev or libboost-dev|header boost/beast/http.hpp|Boost 1.81 or newer, for the Beast adapter
build|librestinio-dev|header restinio/all.hpp|RESTinio 0.6, with fmt and http-parser
build|libhiredis-dev|header hiredis/hiredis.h|hiredis, for the redis store
build|libpq-dev|header libpq-fe.h|libpq
demo|libcli11-dev|header CLI/CLI.hpp|CLI11
demo|libkainjow-mustache-dev|header kainjow/mustache.hpp|kainjow mustache
tool|nlohmann-json3-dev|header nlohmann/json.hpp|nlohmann/json 3.11 or newer
tool|libedit-dev|header histedit.h|libedit
test|libdrogon-dev or none|header drogon/version.h|Drogon 1.9, for its adapter
test|libjsoncpp-dev or none|header jsoncpp/json/value.h|jsoncpp, for Drogon
test|libgtest-dev|header gtest/gtest.h|GoogleTest
test|libgmock-dev|header gmock/gmock.h|GoogleMock
test|zsh|command zsh|zsh, to try the completion in
test|groff-base|command groff|groff, which formats the manual page
test|redis-server|command redis-server|Redis 7 or newer
test|redis-tools|command redis-cli|redis-cli, which speaks to a control socket
test|pkg-config|command pkg-config|pkg-config
test|curl|command curl|curl
test|nginx-light|command nginx|nginx
test|caddy|command caddy|Caddy
test|openssl|command openssl|openssl, which makes certificates for tests
test|postgresql|command postgres|PostgreSQL, the server
test|pgbouncer|command pgbouncer|PgBouncer
test|golang-go|command go|Go, which writes and reads sessions as SCS v2 does
test|dpkg-dev|command dpkg-shlibdeps|dpkg-shlibdeps, for the Debian packages
test|file|command file|file, for the Debian packages
test|gdb|command gdb|gdb, which prints sessions and items
test|lintian|command lintian|lintian, for the Debian packages
test|prometheus|command promtool|Prometheus and promtool, for figures and alarms
test|systemd|command systemd-analyze|systemd-analyze, for the units
test|faketime|command faketime|faketime, for docs/operate.md
test|codespell|command codespell|codespell, for the language of comments and pages
test|bubblewrap|command bwrap|bubblewrap, for the recipe of a container
browser|chromium|command chromium|Chromium
browser|nodejs|command node|Node.js 18 or newer
browser|npm|command npm|npm 8.12 or newer
bench|rapidjson-dev|header rapidjson/prettywriter.h|RapidJSON
bench|libbenchmark-dev|header benchmark/benchmark.h|Google Benchmark
bench|liblmdb-dev|header lmdb.h|LMDB
bench|libleveldb-dev|header leveldb/db.h|LevelDB
bench|librocksdb-dev|header rocksdb/db.h|RocksDB
bench|libsqlite3-dev|header sqlite3.h|SQLite
bench|redis-server|command redis-server|Redis 7 or newer
bench|golang-go|command go|Go, for peers written in it
bench|golang-github-tidwall-buntdb-dev|command go|BuntDB, the original
bench|golang-github-coreos-bbolt-dev|command go|bbolt
bench|gnuplot-nox|command gnuplot|gnuplot, for bench/plot
bench|wrk|command wrk|wrk, which loads HTTP servers
bench|jq|command jq|jq, for bench/plot
stores|postgresql|command postgres|PostgreSQL, the server
attack|strace|command strace|strace
attack|e2fsprogs|command mkfs.ext4|mkfs.ext4
clang|clang|command clang++|clang++ 14 or newer
clang|libclang-rt-dev|command clang++|libFuzzer, with clang
lint|clang-format|command clang-format|clang-format 14
lint|clang-tidy|command run-clang-tidy|clang-tidy 14
lint|shellcheck|command shellcheck|ShellCheck
docs|doxygen|command doxygen|Doxygen
arm64|g++-aarch64-linux-gnu|command aarch64-linux-gnu-g++|C++20 cross compiler, g++ 12 or newer
arm64|qemu-user|command qemu-aarch64|QEMU, which runs programs for ARM64
arm64|cmake|command cmake|CMake 3.25 or newer
arm64|ninja-build|command ninja|Ninja
arm64|libxxhash-dev:arm64|arm64-header xxhash.h|xxHash
arm64|libssl-dev:arm64|arm64-header openssl/evp.h|OpenSSL 3, for ARM64
arm64|libicu-dev:arm64|arm64-header unicode/coll.h|ICU, for ARM64
arm64|nlohmann-json3-dev|arm64-header nlohmann/json.hpp|nlohmann/json 3.11
arm64|libgtest-dev:arm64|arm64-header gtest/gtest.h|GoogleTest, for ARM64
arm64|libgmock-dev:arm64|arm64-header gmock/gmock.h|GoogleMock, for ARM64
'

say() { printf '%s\n' "$*" >&2; }

die() {
  say "${0##*/}: $1"
  exit "${2:-1}"
}

# usage_error MESSAGE: a wrong option.
usage_error() { die "$1 (see ${0##*/} --help)" 2; }

# Prints the rows of $needs for these purposes.
needs_for() {
  local purpose
  for purpose in "$@"; do
    grep "^$purpose|" <<<"$needs"
  done
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# Whether a row's "command NAME" or "header NAME" is installed, from whatever source.
present() {
  case $1 in
    command\ *) command -v "${1#* }" >/dev/null ;;
    header\ *) "${CXX:-c++}" -x c++ -E -include "${1#* }" /dev/null >/dev/null 2>&1 ;;
    arm64-header\ *) aarch64-linux-gnu-g++ -x c++ -E -include "${1#* }" /dev/null >/dev/null 2>&1 ;;
  esac
}

# ensure PURPOSE...: installs what these purposes need, and returns when all of it is installed.
ensure() {
  if command -v apt-get >/dev/null && command -v dpkg-query >/dev/null; then
    ensure_with_apt "$@"
  else
    ensure_by_hand "$@"
  fi
}

# apt_name ROW_PACKAGE: the first of a row's packages that apt-get could install; fails if there is none.
apt_name() {
  local name policy
  for name in ${1// or / }; do
    # Not a pipe into grep -q, which ends at its first match: apt-cache may then fail to write the rest.
    policy=$(LC_ALL=C apt-cache policy "$name" 2>/dev/null) || true
    if grep -q '^  Candidate: [^(]' <<<"$policy"; then
      echo "$name"
      return 0
    fi
  done
  return 1
}

# find_missing PURPOSE...: sets `missing` to the packages to install, `unknown` to the packages that
# apt-get does not have, and `described` to what each of them is.
find_missing() {
  local purpose package probe what name
  missing=() unknown=()
  while IFS='|' read -r purpose package probe what; do
    # Node is often installed from another source. Debian's npm conflicts with that one's.
    [ "$purpose" = browser ] && present "$probe" && continue
    # With a single name, apt-get's lists are not needed.
    [ "${package/ or /}" != "$package" ] || ! installed "$package" || continue
    if ! name=$(apt_name "${package% or none}"); then
      [ "${package% or none}" = "$package" ] || continue
      unknown+=("$package")
      described[$package]=$what
    elif ! installed "$name"; then
      missing+=("$name")
      described[$name]=$what
    fi
  done < <(needs_for "$@")
}

# Prints the packages that failed, one on each line, with their descriptions, and ends the script.
die_of_packages() {
  local message=$1 name
  shift
  for name in "$@"; do
    message+=$'\n'"  $name (${described[$name]})"
  done
  die "$message"
}

ensure_with_apt() {
  local missing unknown name prefix=() broken=()
  local -A described=()
  find_missing "$@"
  [ ${#missing[@]} -gt 0 ] || [ ${#unknown[@]} -gt 0 ] || return 0

  local wanted=("${missing[@]}" "${unknown[@]}")
  say "Not installed yet: ${wanted[*]}"
  [ "$(id -u)" = 0 ] || prefix=(sudo)
  if [ ${#prefix[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
    die "this needs root, and there is no sudo. As root, run: apt-get update && apt-get install ${wanted[*]}"
  fi
  if [ ${#unknown[@]} -gt 0 ]; then
    say "Running: ${prefix[*]:+${prefix[*]} }apt-get update"
    "${prefix[@]}" apt-get update -qq >&2 || die "apt-get update failed"
    find_missing "$@"
    [ ${#unknown[@]} = 0 ] || die_of_packages "apt-get has no such package here:" "${unknown[@]}"
    [ ${#missing[@]} -gt 0 ] || return 0
  fi
  local install=("${prefix[@]}" env DEBIAN_FRONTEND=noninteractive
    apt-get install -y -qq -o Dpkg::Use-Pty=0 --no-install-recommends)
  say "Running: ${install[*]} ${missing[*]}"
  "${install[@]}" "${missing[@]}" </dev/null >/dev/null && return 0
  # The lists of packages may be older than the packages on the mirror.
  say "That failed. Running: ${prefix[*]:+${prefix[*]} }apt-get update, and the same again"
  "${prefix[@]}" apt-get update -qq >&2 || die "apt-get update failed"
  "${install[@]}" "${missing[@]}" </dev/null >/dev/null && return 0
  for name in "${missing[@]}"; do
    "${install[@]}" --simulate "$name" </dev/null >/dev/null 2>&1 || broken+=("$name")
  done
  [ ${#broken[@]} -gt 0 ] || die "apt-get could not install ${missing[*]}: its own message is above"
  die_of_packages "apt-get could not install:" "${broken[@]}"
}

ensure_by_hand() {
  local purpose package probe what
  local missing=()
  while IFS='|' read -r purpose package probe what; do
    [ "${package% or none}" = "$package" ] || continue
    present "$probe" || missing+=("$(printf '%-24s %-32s %s' "$what" "($probe)" "$package")")
  done < <(needs_for "$@")
  [ ${#missing[@]} -gt 0 ] || return 0
  say "There is no apt-get here, so please install these yourself."
  say "(What it is, how this script looks for it, and what Debian calls the package.)"
  say ""
  printf '  %s\n' "${missing[@]}" >&2
  say ""
  say "Then run this script again, or plain CMake:"
  say ""
  say "  cmake --preset release && cmake --build --preset release    # everything"
  say "  ctest --preset release                                      # the tests"
  say "  build/release/bin/demo --port 4000                          # the demo server"
  say ""
  say "Without GoogleTest and nlohmann/json: cmake --preset release -D BUNTSTORE_BUILD_TESTS=OFF"
  exit 1
}

# all_known PACKAGE...: whether apt-get could install all of them.
all_known() {
  local name
  for name in "$@"; do
    apt_name "$name" >/dev/null || return 1
  done
}

# ensure_architecture NAME: allows apt-get to install packages for another architecture in addition to
# this machine's. Call it before ensure NAME. If apt-get does not have all packages of the purpose NAME,
# it undoes its changes and ends the script.
ensure_architecture() {
  local name=$1 added='' package prefix=()
  local wanted=()
  command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 0
  while IFS='|' read -r _ package _; do
    [[ $package != *":$name" ]] || installed "$package" || wanted+=("$package")
  done < <(needs_for "$name")
  [ ${#wanted[@]} -gt 0 ] || return 0

  [ "$(id -u)" = 0 ] || prefix=(sudo)
  if [ ${#prefix[@]} -gt 0 ] && ! command -v sudo >/dev/null; then
    die "this needs root, and there is no sudo. As root, run:
  dpkg --add-architecture $name && apt-get update && apt-get install ${wanted[*]}"
  fi
  if ! grep -qx "$name" <<<"$(dpkg --print-architecture && dpkg --print-foreign-architectures)"; then
    say "Running: ${prefix[*]:+${prefix[*]} }dpkg --add-architecture $name"
    say "(From then on, this machine can install packages for $name. To undo it, remove those that"
    say "were installed, and run: ${prefix[*]:+${prefix[*]} }dpkg --remove-architecture $name)"
    "${prefix[@]}" dpkg --add-architecture "$name" >&2 || die "dpkg --add-architecture $name failed"
    added=yes
  fi
  ! all_known "${wanted[@]}" || return 0
  say "Running: ${prefix[*]:+${prefix[*]} }apt-get update"
  "${prefix[@]}" apt-get update -qq >&2 || say "That failed."
  ! all_known "${wanted[@]}" || return 0
  if [ -n "$added" ]; then
    say "Running: ${prefix[*]:+${prefix[*]} }dpkg --remove-architecture $name, for it was of no use, and apt-get update"
    "${prefix[@]}" dpkg --remove-architecture "$name" >&2 || true
    "${prefix[@]}" apt-get update -qq >&2 || true
  fi
  die "apt-get does not find all of ${wanted[*]}: this machine's mirrors do not have them.
Those of Debian 12 and 13 do: try it there, a chroot or a container is enough."
}

# is_of_other_compiler PRESET: whether the preset's folder was made by another compiler than the
# requested one: $CXX, or that of the preset, or c++.
is_of_other_compiler() {
  local cache=$root/build/$1/CMakeCache.txt wanted recorded
  [ -e "$cache" ] || return 1
  recorded=$(sed -n 's/^CMAKE_CXX_COMPILER:[A-Z]*=//p' "$cache")
  [ "$1" != arm64 ] || return 1  # its toolchain file names the compiler
  wanted=${CXX:-$(cd "$root" && cmake --preset "$1" -N | sed -n 's/^ *CMAKE_CXX_COMPILER="\(.*\)"$/\1/p')}
  if [ -z "$wanted" ]; then
    grep -q '^CMAKE_TOOLCHAIN_FILE:' "$cache" && return 1
    wanted=c++
  fi
  wanted=$(command -v "${wanted%% *}") || return 1  # CMake reports that it is missing
  [ "$(realpath "$wanted")" != "$(realpath -m "$recorded")" ]
}

# configure PRESET [OPTION=VALUE...]. Uses ccache if it is installed. $CXX, if it is set, is the compiler,
# whatever the preset says. Scripts share the build folder of a preset. A script that needs no tests
# passes BUNTSTORE_BUILD_TESTS=OFF, which has an effect in a new folder only: in an existing folder it
# would delete programs that another script has built.
configure() {
  local preset=$1 launcher='' option options=() keep=no
  shift
  launcher=$(command -v ccache || true)
  # Only a folder that was configured completely may have programs that another script has built.
  [ ! -e "$root/build/$preset/build.ninja" ] || keep=yes
  if is_of_other_compiler "$preset"; then
    # If the compiler changes in a folder, CMake forgets the options of that folder.
    say "build/$preset was made by another compiler: configuring it anew"
    options+=(--fresh)
    keep=no
  fi
  [ -z "${CXX:-}" ] || [ "$preset" = arm64 ] || options+=(-D CMAKE_CXX_COMPILER="${CXX// /;}")
  for option in "$@"; do
    [[ $keep = yes && $option == BUNTSTORE_BUILD_*=OFF ]] ||
      options+=(-D "$option")
  done
  (cd "$root" &&
    cmake --preset "$preset" -D CMAKE_CXX_COMPILER_LAUNCHER="$launcher" "${options[@]}")
}

# build PRESET [TARGET]
build() {
  (cd "$root" && cmake --build --preset "$1" --parallel "$(nproc)" ${2:+--target "$2"})
}
