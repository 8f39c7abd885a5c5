//! The tables, as forward migrations counted by `user_version`. A migration, once released, is never edited.

/// Migration N brings a ledger from version N to N + 1. It runs in one transaction with foreign keys switched off, so that a
/// table can be rebuilt.
pub(super) const MIGRATIONS: &[&str] = &[
    include_str!("migrations/1_first.sql"),
    include_str!("migrations/2_run_numbers.sql"),
    include_str!("migrations/3_identities.sql"),
];

/// Of the tables that all of them make. After another migration `the_fingerprint_is_that_of_the_tables` fails and says the new one.
pub(super) const FINGERPRINT: &str = "326b8b53c6eec89d";
