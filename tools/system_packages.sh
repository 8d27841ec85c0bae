#!/bin/sh
# Installs what the tests need from Debian, only what is missing; without root it says the line to type.
missing=""
need() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"; }
need_file() { ls $1 >/dev/null 2>&1 || missing="$missing $2"; }
need chromium chromium
need mariadbd mariadb-server
need mariadb_config libmariadb-dev
need gcc gcc
need pkg-config pkg-config
python=$("$(dirname "$0")/find_python.sh" 3.12 3.11) && need_file "$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')/Python.h" python3-dev
need redis-server redis-server
need msgfmt gettext
need hunspell hunspell
need pdftotext poppler-utils
need node nodejs
need_file "/usr/share/hunspell/de_DE.dic" hunspell-de-de
need_file "/usr/share/hunspell/en_GB.dic" hunspell-en-gb
need_file "/usr/share/fonts/truetype/noto/NotoSansArabic-Regular.ttf" fonts-noto-core
need_file "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf" fonts-dejavu
[ -z "$missing" ] && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing:$missing"
    export DEBIAN_FRONTEND=noninteractive
    apt-get -qq update </dev/null && apt-get -qq install -y --no-install-recommends $missing </dev/null >/dev/null && exit 0
fi
echo "Please type: sudo apt-get install$missing" >&2
exit 1
