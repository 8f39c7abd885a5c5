//! A small story: loans of three shops, hour by hour; will one be paid back late? The shops' sales are looked up.

use super::TestProject;
use serde_json::{Map, Value, json};

/// Commands that only read, of every kind.
pub const READERS: [&[&str]; 9] = [
    &["status"],
    &["data", "status"],
    &["data", "list"],
    &["data", "log", "loans"],
    &["run", "list"],
    &["model", "list"],
    &["lineage", "loans"],
    &["feature", "plan"],
    &["log"],
];

/// What the story is made of. `{}` is room for more.
pub const DEFINITIONS: &str = r#"
[data.loans]
path = "loans.csv"
key = ["id"]

[data.sales]
path = "sales.csv"

[entity.shop]
keys = ["shop"]

[feature.sales]
source = "sales"
entity = "shop"
event_time = "known_at"
ttl = "3d"
columns = ["turnover"]
windows = [{ column = "turnover", agg = ["mean", "count"], over = ["2d"] }]
online = { history = "60d" }

[set.late]
spine = "loans"
event_time = "at"
label = "late = 1"
features = ["amount", "purpose", "sales:*"]
derive = { share = "amount / sales__turnover" }
split = { by = "time", test = "2024-01-15" }

[train.late]
set = "late"
model = "logistic"
"#;

/// Hours of loans that are there from the beginning, from 2024-01-01 on.
pub const HOURS: usize = 400;

const SHOPS: [&str; 3] = ["north", "south", "east"];
const PURPOSES: [&str; 3] = ["car", "food", "rent"];

/// The `at`-th number of a fixed stream, 0 to 1.
pub fn chance(at: usize) -> f64 {
    let hash = blake3::hash(&at.to_le_bytes());
    f64::from(u32::from_le_bytes(hash.as_bytes()[..4].try_into().unwrap())) / f64::from(u32::MAX)
}

/// The time `hours` after the beginning.
pub fn time(hours: usize) -> String {
    format!("2024-{:02}-{:02}T{:02}:00:00Z", 1 + hours / 744, 1 + hours % 744 / 24, hours % 24)
}

/// The loan of an hour. Some have no amount or purpose. From `turned` on, what was late is not, and amounts are large.
pub fn loan(hour: usize, turned: usize) -> Map<String, Value> {
    let draw = |n: usize| chance(hour * 8 + n);
    let amount = (draw(0) * 1000.0).round();
    let purpose = PURPOSES[(draw(1) * 2.99) as usize];
    let late = amount / 1000.0 + draw(2) * 0.6 + if purpose == "car" { 0.3 } else { 0.0 } > 0.9;
    let (late, amount) = if hour >= turned { (!late, amount + 3000.0) } else { (late, amount) };
    let loan = json!({
        "id": format!("L{hour}"), "at": time(hour), "shop": SHOPS[(draw(3) * 2.99) as usize],
        "amount": if draw(4) < 0.1 { Value::Null } else { amount.into() },
        "purpose": if draw(5) < 0.1 { Value::Null } else { purpose.into() },
        "late": u8::from(late),
    });
    loan.as_object().unwrap().clone()
}

/// Loans of these hours.
pub fn loans(hours: std::ops::Range<usize>, turned: usize) -> Vec<Map<String, Value>> {
    hours.map(|hour| loan(hour, turned)).collect()
}

/// Loans as they are asked about: without what is to be predicted.
pub fn asked(loans: &[Map<String, Value>]) -> Value {
    let mut loans = loans.to_vec();
    for loan in &mut loans {
        loan.remove("late");
    }
    json!({ "dataframe_records": loans })
}

/// Records of the same columns as CSV.
pub fn csv(rows: &[Map<String, Value>]) -> String {
    let cell = |v: &Value| match v {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let head: Vec<&str> = rows[0].keys().map(String::as_str).collect();
    let lines = rows.iter().map(|row| row.values().map(cell).collect::<Vec<_>>().join(","));
    std::iter::once(head.join(",")).chain(lines).map(|line| line + "\n").collect()
}

fn sales() -> String {
    let lines = (0..HOURS + 200).step_by(12).flat_map(|hour| {
        SHOPS.iter().enumerate().map(move |(at, shop)| {
            format!("{shop},{},{}\n", time(hour), (chance(hour * 8 + 100_000 + at) * 900.0).round() + 100.0)
        })
    });
    std::iter::once("shop,known_at,turnover\n".to_owned()).chain(lines).collect()
}

/// The story with a trained model, registered as `late@champion`, and the online store filled.
pub fn project() -> TestProject {
    project_with("")
}

/// The story with more definitions.
pub fn project_with(more: &str) -> TestProject {
    let project = TestProject::with(&format!("{DEFINITIONS}{more}"));
    project.write("loans.csv", csv(&loans(0..HOURS, usize::MAX)));
    project.write("sales.csv", sales());
    project.ok(&["data", "add"]);
    project.ok(&["feature", "apply"]);
    project.ok(&["feature", "materialize"]);
    project.ok(&["run", "train", "late"]);
    project.ok(&["model", "register", "late", "late", "--alias", "champion"]);
    project
}

/// What `model predict` answers for these rows, here in the project.
pub fn batch(project: &TestProject, rows: &[Map<String, Value>]) -> Vec<Value> {
    batch_by(project, "late", rows)
}

/// What `model predict MODEL` answers for these rows.
pub fn batch_by(project: &TestProject, model: &str, rows: &[Map<String, Value>]) -> Vec<Value> {
    project.write("rows.jsonl", rows.iter().map(|row| Value::from(row.clone()).to_string() + "\n").collect::<String>());
    lines(&project.ok(&["model", "predict", model, "--input", "rows.jsonl"]).stdout)
}

/// The documents of JSON Lines.
pub fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"))).collect()
}

/// Everything logged for a deployment.
pub fn log(project: &TestProject, deployment: &str) -> Vec<Value> {
    let files = project.files(&format!(".mlops/predictions/{deployment}"));
    let text = files.iter().filter(|(name, _)| name.ends_with(".jsonl")).map(|(_, text)| text.as_slice());
    text.flat_map(|text| lines(std::str::from_utf8(text).unwrap())).collect()
}
