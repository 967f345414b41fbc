#!/usr/bin/env bash
# Makes .venv whole: a virtual environment with exactly what requirements/dev.lock names, and this project in it.
# Done already, for this lock, this folder and this Python? Then it returns at once.
set -euo pipefail
cd "$(dirname "$0")/.."
say() { printf 'lockstep: %s\n' "$*" >&2; }

find_python() {
    local candidate
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer is needed, found $(python3 --version 2>/dev/null || echo none)."
    say "Install it, or name it: make venv PYTHON=/path/to/python3.11"
    exit 1
}

stamp=.venv/lockstep-stamp
fingerprint="$(cat requirements/dev.lock pyproject.toml | sha256sum | cut -c1-64) $PWD"
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$fingerprint" ] && .venv/bin/python -c '' 2>/dev/null; then
    exit 0
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    python="$(find_python)"
    if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
        say "$python has no venv module. Install it (Debian, Ubuntu: apt install python3-venv), then run this again."
        exit 1
    fi
    say "making .venv with $("$python" --version)"
    "$python" -m venv --clear .venv
fi

log=.venv/install.log
total="$(grep -c '^[a-z0-9].*==' requirements/dev.lock)"
say "installing $total packages, about 270 MB the first time (log: $log)"
show_progress() {
    awk -v total="$total" -v tty="$1" '
        /^(Collecting|Requirement already satisfied)/ { seen++; if (tty) printf "\r  %d/%d fetched ", seen, total > "/dev/stderr" }
        /^Installing collected/ { if (tty) printf "\r  unpacking          " > "/dev/stderr" }
        END { if (tty) printf "\r                     \r" > "/dev/stderr" }'
}
tty=0; [ -t 2 ] && tty=1
if ! .venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --progress-bar off \
        --require-hashes -r requirements/dev.lock 2>&1 | tee "$log" | show_progress "$tty" ||
    ! .venv/bin/python -m pip install --disable-pip-version-check --quiet --no-deps --no-build-isolation -e . >>"$log" 2>&1; then
    tail -n 15 "$log" >&2
    say "the packages could not be installed; the whole story is in $log. With a network in reach, run this again."
    exit 1
fi
printf '%s' "$fingerprint" >"$stamp"
say ".venv is ready"
