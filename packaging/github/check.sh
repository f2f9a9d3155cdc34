#!/usr/bin/env bash
# The step of action.yml: annotations on standard output, SARIF beside them.
set -euo pipefail

arguments=(--format github)
while IFS= read -r line; do
  [[ -z $line ]] || arguments+=("$line")
done <<<"${PROCTOR_ARGUMENTS-}"
if [[ -n ${PROCTOR_SARIF-} ]]; then
  arguments+=(--output "sarif=$PROCTOR_SARIF")
  [[ -z ${GITHUB_OUTPUT-} ]] || printf 'sarif=%s\n' "$PROCTOR_SARIF" >>"$GITHUB_OUTPUT"
fi
# Paths are words, as in a shell, so that a pattern names files.
# shellcheck disable=SC2086
exec "${PROCTOR:-proctor}" check "${arguments[@]}" -- ${PROCTOR_PATHS-}
