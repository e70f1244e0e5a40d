//! yang
