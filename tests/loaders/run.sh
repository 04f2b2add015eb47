#!/bin/sh
# Load an export with every training package: makes a virtual environment with all of them
# (about 3.5 GB, a minute or two with a near registry) and runs tests/loaders with it.
# Words after the script's name go to pytest.
set -eu
cd "$(dirname "$0")/../.."
here=tests/loaders
loaders=${PIXSET_LOADERS_VENV:-.venv/loaders}
pytest=${PIXSET_PYTEST:-.venv/bin/pytest}
wanted=$(cat $here/requirements.txt $here/requirements-no-deps.txt | cksum)

if [ "$(cat "$loaders/.wanted" 2>/dev/null)" != "$wanted" ]; then
    ${PYTHON:-python3} -m venv "$loaders"
    "$loaders/bin/pip" install --quiet --requirement $here/requirements.txt
    "$loaders/bin/pip" install --quiet --no-deps --requirement $here/requirements-no-deps.txt
    echo "$wanted" >"$loaders/.wanted"
fi
case $loaders in /*) ;; *) loaders=$PWD/$loaders ;; esac
export PIXSET_LOADERS_PYTHON="$loaders/bin/python"
export PIXSET_LOADERS_TABLE="${PIXSET_LOADERS_TABLE:-$loaders/table.md}"
"$pytest" $here -m loaders "$@"
echo "the table for README: $PIXSET_LOADERS_TABLE"
