//! Fitted preparation.
