#!/bin/sh
# Writes the locks: every Python package, direct or not, with the hashes of its files and without any address.
#   runtime.lock  what a process of ours needs (the container image)
#   dev.lock      the same versions, and the servers and tools beside them (.venv)
#   node.lock     a Node to build the page with, for machines without a fitting one
#   tools.lock    the locker itself
set -eu
cd "$(dirname "$0")/.."
tools=.venv/lock-tools
[ -x "$tools/bin/uv" ] || {
    .venv/bin/python -m venv "$tools"
    "$tools/bin/python" -m pip install --quiet --require-hashes -r requirements/tools.lock
}
compile() {
    "$tools/bin/uv" pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-header --no-emit-index-url --no-emit-find-links "$@"
}
compile requirements/tools.in -o requirements/tools.lock
compile requirements/node.in -o requirements/node.lock
compile pyproject.toml --extra servers --extra dev -o requirements/dev.lock
compile pyproject.toml --extra image -c requirements/dev.lock -o requirements/runtime.lock
