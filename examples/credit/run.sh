#!/usr/bin/env bash
# Will the borrower default? A thousand real loans, from data to a served model and its retraining. usage: examples/credit/run.sh [DIR]
# Builds the release binary if needed, makes a fresh project in DIR (a temporary folder without it), tells the story.
# Needs bash, curl and a Rust toolchain. $MLOPS names another binary.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if [ -z "${MLOPS:-}" ]; then
    (cd "$root" && cargo build --release --locked)
    MLOPS=${CARGO_TARGET_DIR:-$root/target}/release/mlops
fi
dir=${1:-$(mktemp -d)}
mkdir -p "$dir"
server=
stop() { if [ -n "$server" ]; then kill "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; server=; fi; }
trap stop EXIT
say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
mlops() { printf '$ mlops %s\n' "$*"; "$MLOPS" "$@"; }
broken() { local code=0; mlops "$@" || code=$?; [ "$code" -eq 1 ] || { echo "expected exit code 1, got $code" >&2; exit 1; }; }
# The loans FROM to TO with a number and a day each. The file says neither: the story has two applications a day from 2023 on.
loans() {
    awk -v from="$1" -v to="$2" '
        function day(n, y, m, l) {
            for (y = 2023; ; y++) for (m = 1; m <= 12; m++) {
                l = m == 2 ? 28 + (y % 4 == 0) : 30 + (m + (m > 7)) % 2
                if (n < l) return sprintf("%d-%02d-%02d", y, m, n + 1)
                n -= l
            }
        }
        NR == 1 { print "loan,asked_on," $0 }
        NR - 1 >= from && NR - 1 <= to { print NR - 1 "," day(int((NR - 2) / 2)) "," $0 }
    ' "$here/german.csv"
}

say "A new project, and the first 500 loans"
cd "$dir"
mlops init
cp "$here/mlops.toml" mlops.toml
mkdir -p loans
loans 1 500 >loans/first.csv
mlops data add loans -m "the first 500 loans"

say "A file that can't be right is refused"
loans 501 501 | sed '2s/[^,]*$/perhaps/' >loans/wrong.csv
broken data add loans
rm loans/wrong.csv

say "Four learners side by side, each tuned, calibrated, and with the threshold that costs least"
for recipe in logistic tree svm boosting; do mlops run train "$recipe"; done
mlops run compare logistic tree svm boosting

say "The best by cross-validation is registered"
best=$("$MLOPS" run list --sort cv.auc -n 1 --json | sed -n 's/.*"run": "\([0-9a-f]*\)".*/\1/p' | head -n 1)
mlops run show "$best"
mlops model register "$best" default --alias champion

say "One applicant, and why"
applicant='{"loan": 0, "asked_on": "2024-06-01", "status_of_existing_checking_account": "... < 0 DM", "duration_in_month": 48, "credit_history": "existing credits paid back duly till now", "purpose": "car (new)", "credit_amount": 7000, "savings_account_and_bonds": "... < 100 DM", "present_employment_since": "1 <= ... < 4 years", "installment_rate_in_percentage_of_disposable_income": 3, "personal_status_and_sex": "male : single", "other_debtors_or_guarantors": "none", "present_residence_since": 2, "property": "real estate", "age_in_years": 24, "other_installment_plans": "none", "housing": "rent", "number_of_existing_credits_at_this_bank": 1, "job": "skilled employee / official", "number_of_people_being_liable_to_provide_maintenance_for": 1, "telephone": "none", "foreign_worker": "yes"}'
mlops model explain default@champion --input "$applicant" --top 8

say "The same applicant asks a server"
printf '$ mlops serve default@champion --port 0 &\n'
rm -f serve.out
mkfifo serve.out
"$MLOPS" serve default@champion --port 0 >serve.out &
server=$!
read -r line <serve.out
rm -f serve.out
echo "$line"
url=${line#listening on }
curl --silent --fail "$url/invocations" --json "{\"dataframe_records\": [$applicant], \"explain\": true}"
echo
stop

say "Who is refused: by sex and by age"
mlops run slices "$best" --by sex --part cv
mlops run slices "$best" --by age_group --part cv

say "The other 500 loans arrive; retraining decides"
loans 501 1000 >loans/second.csv
mlops data add loans -m "the other 500 loans"
mlops retrain default
mlops model list

say "Everything is intact"
mlops run show "$best" --html report.html
mlops fsck
mlops lineage default@champion
echo
echo "the project is in $dir; the report of the run is $dir/report.html"
