//! sim-vim
