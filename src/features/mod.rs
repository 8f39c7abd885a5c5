//! The feature store: views over data, the point-in-time join, windows, training sets, the online store.

pub mod expression;
