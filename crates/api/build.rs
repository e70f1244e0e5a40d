//! Compiles the public API without protoc.

use std::path::{Path, PathBuf};

const FILES: [&str; 7] = [
    "catalogue.proto",
    "device.proto",
    "intent.proto",
    "intent_service.proto",
    "operation.proto",
    "plan.proto",
    "topology.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto");
    println!("cargo:rerun-if-changed={}", root.join("wayleave/v1").display());
    let files = FILES.map(|file| root.join("wayleave/v1").join(file));
    let descriptors = protox::compile(files, [&root])?;
    let out = PathBuf::from(std::env::var("OUT_DIR")?).join("wayleave.bin");
    std::fs::write(out, prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure().btree_map(".").compile_fds(descriptors)?;
    Ok(())
}
