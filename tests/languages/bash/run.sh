#!/bin/bash
source ./⟨→COMMON⟩lib.sh
. "$(dirname "$0")/⟨→other⟩other.sh"
readonly ⟨LIMIT⟩LIMIT=3
⟨count⟩count=0

# Says hello to everyone
# who is named.
⟨main⟩main() {
  local ⟨name⟩name=$1 quiet
  ⟨→greet⟩greet "$⟨→name⟩name" $⟨→LIMIT⟩LIMIT
  ⟨→other⟩other "$⟨→COMMON⟩COMMON" | sort
  ⟨→count⟩count=$((count + 1))
  for ⟨file⟩file in *.txt; do echo "${⟨→file⟩file%.txt}"; done
  ⟨→⟩nowhere
}
function bye { echo bye; }
⟨→main⟩main "$@"
