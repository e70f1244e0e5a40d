//! southbound
