#!/bin/sh
# Compares the two transports of servers that others wrote; see ../parity-of-others.md. Needs cargo, npm and Python 3.10 or later.
# usage: run.sh [SERVER...]     reports go to the folder results, what is to be read to differences.md and transcripts
# WAIT is how long an answer may take, 8s if it is not given; JOBS is how many conversations are held at once, 4.
set -eu
cd "$(dirname "$0")"
port=18081
mkdir -p results

cargo build --quiet --manifest-path ../../mcp-cli/Cargo.toml --bin mcp
target=${CARGO_TARGET_DIR:-../../target}

compare() { # NAME COMMAND...
    name=$1
    shift
    echo "== $name"
    # 1 says that there are differences, which is what this is about.
    "$target/debug/mcp" parity --json --timeout "${WAIT:-8s}" --jobs "${JOBS:-4}" --http-command "$* $port" --url "http://127.0.0.1:$port/mcp" -- "$@" \
        > "results/$name.json" || test $? -eq 1
}

python() { # NAME PACKAGE...
    test -d "results/$1" || python3 -m venv "results/$1"
    into=results/$1
    shift
    "$into/bin/pip" install --quiet "$@"
}

of() {
    case $1 in
    rmcp)
        cargo build --quiet --manifest-path rmcp/Cargo.toml --target-dir results/rmcp
        compare "$1" results/rmcp/debug/parity-of-rmcp
        ;;
    python-2)
        python "$1" mcp==2.3.0
        compare "$1" "results/$1/bin/python" python_sdk.py
        ;;
    python-1)
        python "$1" mcp==1.30.0
        compare "$1" "results/$1/bin/python" python_sdk.py
        ;;
    fastmcp)
        python "$1" fastmcp==4.2.3
        compare "$1" "results/$1/bin/python" fastmcp_server.py
        ;;
    typescript-2 | typescript-1)
        test -d node_modules || npm install --no-audit --no-fund --loglevel error
        compare "$1" node_modules/node/bin/node "typescript_sdk_${1#typescript-}.mjs"
        ;;
    *)
        echo "there is no server $1" >&2
        exit 2
        ;;
    esac
}

test $# -gt 0 || set -- rmcp python-2 python-1 fastmcp typescript-2 typescript-1
for server; do
    of "$server"
done
python3 summary.py
