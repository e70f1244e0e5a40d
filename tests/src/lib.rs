//! Whole-system tests. What they share is here: running the binary, finding peers, deadlines.
