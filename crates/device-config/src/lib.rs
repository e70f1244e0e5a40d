//! device-config
