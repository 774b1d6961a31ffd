# SPDX-License-Identifier: MIT
#
# What tools/install, examples/mmcsite/run, tests/run and tests/bench/run share: they source
# this file. Every function looks first and does nothing when nothing is missing, so a second
# run is quick.
#
#   EMBED_PYTHON   the CPython to embed, default /usr/bin/python3 (Debian's)

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=${EMBED_PYTHON:-/usr/bin/python3}
venv=$root/.venv

build_packages=(g++ cmake ninja-build pkg-config python3-dev python3-venv
  libuv1-dev libssl-dev zlib1g-dev libbrotli-dev
  libzstd-dev libpcre2-dev libspdlog-dev libfmt-dev libinih-dev libgtest-dev libgmock-dev)
test_packages=(clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev nginx-light haproxy
  apache2-bin openssl locales curl wrk nghttp2-client slowhttptest procps iproute2 logrotate systemd)

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# Runs a command silently; shows what it said if it fails.
quietly() {
  local log status=0
  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  if [ $status != 0 ]; then
    tail -n 40 "$log" >&2
    printf 'error: `%s` failed with status %s\n' "$*" $status >&2
  fi
  rm -f "$log"
  return $status
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

# Installs the Debian packages that are missing, and only those.
need_packages() {
  command -v dpkg-query >/dev/null || {
    say "not a Debian system: these packages, or their like, are taken for granted: $*"
    return 0
  }
  local missing
  mapfile -t missing < <(comm -23 <(printf '%s\n' "$@" | sort -u) <(
    dpkg-query -W -f '${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
      sed -n 's/^installed //p' | sort -u))
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || command -v sudo >/dev/null ||
    die "these packages are missing, and neither root nor sudo is here to install them: ${missing[*]}"
  say "installing ${#missing[@]} packages: ${missing[*]}"
  install_packages "${missing[@]}"
}

# A package may bring a service; none is started or left enabled, so that ports stay free.
install_packages() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    as_root sh -c "printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy"
    trap 'as_root rm -f $policy' EXIT
  fi
  apt=(as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  quietly "${apt[@]}" update
  quietly "${apt[@]}" install --no-install-recommends "$@"
  case " $* " in
    *" nginx-light "*) as_root systemctl disable nginx >/dev/null 2>&1 || true ;;
  esac
)

# Makes $venv with $python, the one that the server embeds, and installs requirement files into it.
need_venv() {
  local version file stamp
  [ -x "$python" ] || die "there is no $python; EMBED_PYTHON names the Python to embed"
  version=$("$python" -c 'import sys; print(sys.version_info[:2])')
  if [ "$("$venv/bin/python" -c 'import sys; print(sys.version_info[:2])' 2>/dev/null)" != "$version" ]; then
    say "making ${venv#"$root"/} with $python"
    rm -rf "$venv"
    quietly "$python" -m venv "$venv" || return
  fi
  for file in "$@"; do
    stamp=$venv/.installed-$(cat "$file" "$root"/examples/mmcsite/requirements.txt | sha256sum | cut -c1-16)
    [ ! -e "$stamp" ] || continue
    say "installing ${file#"$root"/} into ${venv#"$root"/}"
    quietly "$venv/bin/python" -m pip install --quiet --disable-pip-version-check -r "$file" || return
    touch "$stamp"
  done
}

# configure PRESET [DIRECTORY]: runs cmake unless the build directory stands as asked.
configure() {
  local preset=$1 directory asked
  directory=$root/build
  [ "$preset" = release ] || directory=$root/build/$preset
  directory=${2:-$directory}
  set -- "-DPython3_EXECUTABLE=$python" "-Dpybind11_DIR=$("$venv/bin/python" -m pybind11 --cmakedir)"
  asked=$*
  [ -e "$directory/build.ninja" ] && [ "$(cat "$directory/.configured" 2>/dev/null)" = "$asked" ] && return 0
  say "configuring ${directory#"$root"/}"
  (cd "$root" && quietly cmake --preset "$preset" -B "$directory" "$@") || return
  printf '%s\n' "$asked" >"$directory/.configured"
}

# install_wheel PYTHON DIRECTORY: makes an environment there, and installs what pip builds of the
# checkout. All Pythons share a build directory: what does not depend on them is compiled once.
install_wheel() {
  local wheels status=0
  wheels=$(mktemp -d)
  { quietly "$1" -m venv --clear "$2" &&
    CXX=${CXX:-g++} SKBUILD_BUILD_DIR=$root/build/wheel/shared CMAKE_GENERATOR=Ninja \
      quietly "$2/bin/pip" wheel --no-deps --wheel-dir "$wheels" "$root" &&
    quietly "$2/bin/pip" install --no-index "$wheels"/*.whl; } || status=1
  rm -rf "$wheels"
  return $status
}
