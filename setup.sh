#!/usr/bin/env bash
# Makes this checkout ready to use: Debian packages, virtual environment, Docker engine, images.
#
#   ./setup.sh          what `offsite run` needs
#   ./setup.sh dev      and what tests and lint need
#
# Does only what is missing, so a second call is quick. A running engine is never touched; packages
# are installed only by root and only with apt-get. Without an engine Offsite works on its `local`
# sandbox. OFFSITE_NO_DOCKER=1 leaves the engine and the images out; PYTHON names the Python to use.
set -euo pipefail
cd "$(dirname "$0")"

extras=${1:-}
venv=.venv
log=.cache/setup.log
mkdir -p .cache

main() {
    local debian= packages=
    [[ -x $venv/bin/python ]] || need_venv
    if no_trace_of_docker; then
        apt_install docker.io mmdebstrap bubblewrap &
        debian=$!
    fi
    [[ -x $venv/bin/python ]] || make_venv
    installed base || install_first
    if ! installed "$extras"; then
        install_rest &
        packages=$!
    fi
    [[ -z $debian ]] || wait "$debian" || true
    if [[ -z ${OFFSITE_NO_DOCKER:-} ]]; then engine_and_images; else without_engine; fi
    [[ -z $packages ]] || wait "$packages" || fail "Python packages: the installation failed, see $log"
    say "ready: $venv/bin/offsite --help"
}

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: error: %s\n' "$*" >&2
    exit 1
}

# --- Python -------------------------------------------------------------------------------------

need_venv() {
    python=$(find_python) || fail "Python 3.11 or later is needed; to get it: apt-get install python3"
    if ! "$python" -c 'import ensurepip, venv' 2>>"$log"; then
        apt_install python3-venv || fail "no python3-venv; to get it: sudo apt-get install python3-venv"
    fi
}

make_venv() {
    say "virtual environment $venv ($("$python" --version))"
    "$python" -m venv "$venv"
}

find_python() {
    local name
    for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>>"$log" || continue
        echo "$name"
        return
    done
    return 1
}

# The stamp of an installation: a changed pyproject.toml means to install again.
stamp() { echo "$PWD $(sha256sum <pyproject.toml)"; }
installed() { [[ "$(cat "$venv/offsite-${1:-run}" 2>/dev/null)" == "$(stamp)" ]]; }
pip_install() { "$venv/bin/pip" install -qq --no-compile --disable-pip-version-check "$@" 2>>"$log"; }

# First what builds images, so that they are built while the rest is installed.
install_first() {
    say "Python packages: what builds images"
    pip_install docker pydantic zstandard || fail "pip failed, see $log: $(tail -n 1 "$log")"
    pip_install --no-deps --editable . || fail "pip failed, see $log: $(tail -n 1 "$log")"
    stamp >"$venv/offsite-base"
}

install_rest() {
    say "Python packages: all others, in the background"
    "$venv/bin/python" - ${extras:+"$extras"} >.cache/requirements.txt <<'PYTHON'
import sys, tomllib

project = tomllib.load(open("pyproject.toml", "rb"))["project"]
lists = [project["dependencies"], *(project["optional-dependencies"][name] for name in sys.argv[1:])]
print(*(line for lines in lists for line in lines), sep="\n")
PYTHON
    pip_install --requirement .cache/requirements.txt
    stamp >"$venv/offsite-run"
    stamp >"$venv/offsite-${extras:-run}"
    say "Python packages: done"
}

# --- Docker -------------------------------------------------------------------------------------

engine_and_images() {
    local why
    if ! why=$(engine) && ! get_engine; then
        say "no Docker engine ($why): going on with the local sandbox"
        apt_install bubblewrap || true
        return
    fi
    { command -v mmdebstrap && command -v bwrap; } >/dev/null || apt_install mmdebstrap bubblewrap || true
    "$venv/bin/python" -m offsite.sandboxes.images desk || fail "the image was not built"
}

# Then it need not be looked for: it is installed while Python's packages are.
no_trace_of_docker() {
    [[ -z ${OFFSITE_NO_DOCKER:-}${DOCKER_HOST:-} && ! -e /var/run/docker.sock ]] &&
        ! command -v docker dockerd >/dev/null
}

without_engine() {
    say "no Docker, as you wish"
    command -v bwrap >/dev/null || apt_install bubblewrap || true
}

engine() { "$venv/bin/python" -m offsite.sandboxes.engine 2>&1; }

get_engine() {
    local tries
    if [[ -n ${DOCKER_HOST:-} ]]; then
        say "DOCKER_HOST is set to $DOCKER_HOST, where no engine answers"
        return 1
    fi
    if ! command -v dockerd >/dev/null; then
        apt_install docker.io mmdebstrap bubblewrap || return 1
    fi
    if ! engine >/dev/null && [[ ! -d /run/systemd/system && $EUID == 0 ]]; then
        say "starting dockerd (log: /var/log/dockerd.log)"
        setsid dockerd </dev/null >>/var/log/dockerd.log 2>&1 &
    fi
    for tries in {1..60}; do
        engine >/dev/null && return
        [[ $tries != 1 ]] || say "waiting for the engine"
        sleep 0.5
    done
    [[ $EUID != 0 ]] || tail -n 3 /var/log/dockerd.log >&2 || true
    return 1
}

# --- Debian -------------------------------------------------------------------------------------

apt_install() {
    [[ $EUID == 0 ]] && command -v apt-get >/dev/null || return 1
    say "Debian packages: $*"
    {
        apt-get update -qq
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
    } </dev/null >>"$log" 2>&1
}

main
