# Steps that scripts/volfefe and scripts/test share. Talk goes to stderr; stdout belongs to the program.

say() { printf '%s\n' "$*" >&2; }

# die STATUS MESSAGE…
die() {
    local status=$1
    shift
    say "volfefe: $*"
    exit "$status"
}

# Prints the interpreter to make environments with: Python 3.11 or newer.
find_python() {
    local candidate
    for candidate in "${PYTHON:-}" python3 python3.13 python3.12 python3.11; do
        [ -n "$candidate" ] || continue
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    die 69 "Python 3.11 or newer is needed. Install it (Debian: apt-get install python3 python3-venv), or set PYTHON=/path/to/python3."
}

# ensure_packages PACKAGE…: Debian packages that are not there yet.
ensure_packages() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    local command="apt-get install -y --no-install-recommends ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        die 69 "missing system packages. Run this once, then try again:
    sudo sh -c 'apt-get update && $command'"
    fi
    say "installing ${missing[*]} …"
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive $command; } >&2 \
        || die 69 "could not install them; try by hand: apt-get update && $command"
}

# make_environment FOLDER REQUIREMENTS NODEPS: a virtual environment that holds exactly what the files say. It is made
# anew beside the old one and moved into place, so a broken download never leaves half of one; a lock keeps two starts apart.
make_environment() {
    local folder=$1 requirements=$2 nodeps=$3 stamp python
    stamp=$(cat "$requirements" "$nodeps" $(sed -n "s#^-r *#$(dirname "$requirements")/#p" "$requirements") | sha256sum | cut -d' ' -f1)
    [ "$(cat "$folder/.volfefe-stamp" 2>/dev/null)" = "$stamp" ] && return 0
    (
        flock 9
        [ "$(cat "$folder/.volfefe-stamp" 2>/dev/null)" = "$stamp" ] && exit 0
        python=$(find_python)
        say "making the Python environment $(basename "$folder") (once; a few minutes at most) …"
        rm -rf "$folder"
        "$python" -m venv "$folder" >&2 || die 69 "could not make a virtual environment in $folder (Debian: apt-get install python3-venv)"
        "$folder/bin/python" -m pip install --quiet --disable-pip-version-check -r "$requirements" >&2 \
            && "$folder/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps -r "$nodeps" >&2 \
            || die 69 "could not install the Python packages of $(basename "$requirements"); see above. Run the command again once that is mended."
        printf '%s\n' "$stamp" >"$folder/.volfefe-stamp"
    ) 9>"$folder.lock"
}

# ensure_python_environment ROOT: what the workers need to run; no torch in it.
ensure_python_environment() {
    local stamp=$1/.venv/.volfefe-stamp
    if [ "$stamp" -nt "$1/requirements.txt" ] && [ "$stamp" -nt "$1/requirements-models.txt" ]; then return 0; fi
    make_environment "$1/.venv" "$1/requirements.txt" "$1/requirements-models.txt"
    touch "$stamp"
}

# ensure_build ROOT CONFIGURATION: builds when a source is newer than the binary.
ensure_build() {
    local root=$1 configuration=$2 binary=$1/.build/$2/volfefe
    if [ -x "$binary" ] && [ -z "$(find "$root/Sources" "$root/Package.swift" -newer "$binary" -print -quit)" ]; then
        return 0
    fi
    command -v swift >/dev/null || die 69 "swift is not on the PATH. Install Swift 6.2 or newer (swift.org/install), then try again."
    ensure_packages libsqlite3-dev
    say "building volfefe ($configuration; a few minutes the first time) …"
    (cd "$root" && swift build -c "$configuration" --product volfefe >&2) || die 70 "the build failed; see above."
    touch "$binary"
}
