//! gnmi
