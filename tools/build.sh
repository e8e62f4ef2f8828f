#!/usr/bin/env bash
# Builds the sdist and the wheel into a folder, twice, and fails if the two are not the same bytes.
#
#     tools/build.sh dist
#
# It needs the package `build`, of the python on the PATH (or PYTHON).
set -euo pipefail
cd "$(dirname "$0")/.."

folder=${1:?name the folder for the packages}
again=$(mktemp -d)
trap 'rm -rf "$again"' EXIT
# The times in an archive are those of the last change, or of 1 February 2020 without git.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 1580515200)}
export SOURCE_DATE_EPOCH

for target in "$folder" "$again"; do
  "${PYTHON:-python}" -m build --outdir "$target" . >/dev/null
done
for path in "$again"/*; do
  cmp "$path" "$folder/$(basename "$path")"
done
(cd "$folder" && sha256sum -- *.whl *.tar.gz 2>/dev/null || shasum -a 256 -- *.whl *.tar.gz)
