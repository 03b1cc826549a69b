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
groups=()
dockerd=
mkdir -p .cache

main() {
    local debian= packages=
    trap end_groups EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    have_venv || need_venv
    if no_trace_of_docker || no_browser; then
        background debian_packages
        debian=$!
    fi
    have_venv || make_venv
    installed base || install_first
    if ! installed "$extras"; then
        background install_rest
        packages=$!
    fi
    [[ -z $debian ]] || wait "$debian" || true
    if no_docker; then without_engine; else engine_and_images; fi
    [[ -z $packages ]] || wait "$packages" || fail "Python packages: the installation failed, see $log"
    say "ready: $venv/bin/offsite --help"
}

say() { printf 'setup: %s\n' "$*"; }
fail() {
    printf 'setup: error: %s\n' "$*" >&2
    exit 1
}
no_docker() { [[ ${OFFSITE_NO_DOCKER:-} == 1 ]]; }

# Do what may take long: say what it is, every few seconds that it goes on, and how long it took.
step() {
    local what=$1 began=$SECONDS told=$SECONDS job
    shift
    say "$what"
    background "$@" >>"$log" 2>&1
    job=$!
    while kill -0 "$job" 2>/dev/null; do
        sleep 0.2
        ((SECONDS - told >= 5)) || continue
        told=$SECONDS
        say "$what: $((SECONDS - began)) s: $(tail -n 1 "$log" | cut -c -60)"
    done
    wait "$job" || return
    say "$what: done in $((SECONDS - began)) s"
}

# Start this in a process group of its own, by which it ends together with all that it starts. What
# is in the background already stays in the group it has.
background() {
    [[ $BASHPID != $$ ]] || set -m
    "$@" </dev/null &
    set +m
    groups+=($!)
}

end_groups() {
    local group
    for group in "${groups[@]}"; do
        kill -- "-$group" 2>/dev/null || true
    done
}

# --- Python -------------------------------------------------------------------------------------

need_venv() {
    python=$(find_python) || fail "Python 3.11 or later is needed; to get it: apt-get install python3"
    if ! "$python" -c 'import ensurepip, venv' 2>>"$log"; then
        apt_install python3-venv || fail "no python3-venv; to get it: sudo apt-get install python3-venv"
    fi
}

# One that was interrupted while it was made has no pip.
have_venv() { [[ -x $venv/bin/python && -x $venv/bin/pip ]]; }

make_venv() {
    step "virtual environment $venv ($("$python" --version))" "$python" -m venv --clear "$venv" ||
        fail "no virtual environment, see $log: $(tail -n 1 "$log")"
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
pip_install() {
    "$venv/bin/pip" install --no-compile --disable-pip-version-check --progress-bar off "$@"
}

# First what builds images, so that they are built while the rest is installed.
install_first() {
    step "Python packages: what builds images" pip_first ||
        fail "pip failed, see $log: $(tail -n 1 "$log")"
    stamp >"$venv/offsite-base"
}

pip_first() { pip_install docker pydantic zstandard && pip_install --no-deps --editable .; }

install_rest() {
    "$venv/bin/python" - ${extras:+"$extras"} >.cache/requirements.txt <<'PYTHON'
import sys, tomllib

project = tomllib.load(open("pyproject.toml", "rb"))["project"]
lists = [project["dependencies"], *(project["optional-dependencies"][name] for name in sys.argv[1:])]
print(*(line for lines in lists for line in lines), sep="\n")
PYTHON
    step "Python packages: all others" pip_install --requirement .cache/requirements.txt || return
    stamp >"$venv/offsite-run"
    stamp >"$venv/offsite-${extras:-run}"
}

# --- Docker -------------------------------------------------------------------------------------

engine_and_images() {
    local why
    if ! why=$(engine) && ! get_engine; then
        say "no Docker engine ($why): going on with the local sandbox"
        command -v bwrap >/dev/null || apt_install bubblewrap || true
        return
    fi
    { command -v mmdebstrap && command -v bwrap; } >/dev/null || apt_install mmdebstrap bubblewrap || true
    "$venv/bin/python" -m offsite.sandboxes.images desk || fail "the image was not built"
}

# One after the other: two installations at a time lock each other out.
debian_packages() {
    ! no_trace_of_docker || apt_install docker.io mmdebstrap bubblewrap || true
    ! no_browser || apt_install chromium-headless-shell fonts-liberation || true
}

# The tests of the site need one, and fonts to lay its text out with.
no_browser() {
    [[ $extras == dev ]] && ! command -v chromium-headless-shell chromium google-chrome >/dev/null
}

# Then it need not be looked for: it is installed while Python's packages are.
no_trace_of_docker() {
    ! no_docker && [[ -z ${DOCKER_HOST:-} && ! -e /var/run/docker.sock ]] &&
        ! command -v docker dockerd >/dev/null
}

without_engine() {
    say "no Docker, as you wish"
    command -v bwrap >/dev/null || apt_install bubblewrap || true
}

engine() { "$venv/bin/python" -m offsite.sandboxes.engine 2>&1; }

# Only root can install or start one; whatever else stands in the way, waiting does not mend it.
get_engine() {
    local tries
    if [[ -n ${DOCKER_HOST:-} ]]; then
        say "DOCKER_HOST is set to $DOCKER_HOST, where no engine answers"
        return 1
    fi
    [[ $EUID == 0 ]] || return 1
    command -v dockerd >/dev/null || apt_install docker.io mmdebstrap bubblewrap || return 1
    engine >/dev/null || start_engine || return 1
    for tries in {1..60}; do
        ! engine >/dev/null || return 0
        engine_starts || break
        [[ $tries != 1 ]] || say "waiting for the engine"
        sleep 0.5
    done
    tail -n 3 /var/log/dockerd.log >&2 || true
    return 1
}

start_engine() {
    if [[ -d /run/systemd/system ]]; then
        systemctl start docker
        return
    fi
    say "starting dockerd (log: /var/log/dockerd.log)"
    setsid dockerd </dev/null >>/var/log/dockerd.log 2>&1 &
    dockerd=$!
}

# Whether there is one that may answer yet: ours, or one that its package has started.
engine_starts() {
    [[ -z $dockerd ]] || kill -0 "$dockerd" 2>/dev/null ||
        kill -0 "$(cat /var/run/docker.pid 2>/dev/null)" 2>/dev/null
}

# --- Debian -------------------------------------------------------------------------------------

apt_install() {
    [[ $EUID == 0 ]] && command -v apt-get >/dev/null || return 1
    step "Debian packages: $*" apt_get "$@"
}

apt_get() {
    local options=(-o DPkg::Lock::Timeout=120 -o Dpkg::Use-Pty=0)
    dpkg --configure -a || true # an interrupted installation stands in the way of every later one
    apt-get "${options[@]}" update -qq
    DEBIAN_FRONTEND=noninteractive \
        apt-get "${options[@]}" install -y -qq --no-install-recommends "$@"
}

main
