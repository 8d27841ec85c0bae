#!/bin/sh
# Prints a Python interpreter that works, for the first of the wanted versions that is there: find_python.sh 3.12 3.11
# A version manager may put commands on the PATH that only print an error, so each candidate is run.
for version in "$@"; do
    for candidate in "python$version" /usr/bin/python"$version" /usr/local/bin/python"$version" \
        "${PYENV_ROOT:-$HOME/.pyenv}"/versions/"$version".*/bin/python "$HOME"/.local/share/uv/python/cpython-"$version".*/bin/python; do
        found=$("$candidate" -c "import ensurepip, sys, venv; '%d.%d' % sys.version_info[:2] == '$version' and print(sys.executable)" 2>/dev/null)
        if [ -n "$found" ]; then
            echo "$found"
            exit 0
        fi
    done
done
echo "No working Python $* found. On Debian: apt-get install python3 python3-venv (or put python$1 on the PATH)." >&2
exit 1
