//! Compiles the gNMI service without protoc.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../proto/gnmi");
    println!("cargo:rerun-if-changed={}", folder.display());
    let descriptors = protox::compile([folder.join("gnmi.proto")], [&folder])?;
    let out = std::path::PathBuf::from(std::env::var("OUT_DIR")?).join("gnmi.bin");
    std::fs::write(out, prost::Message::encode_to_vec(&descriptors))?;
    tonic_prost_build::configure().btree_map(".").compile_fds(descriptors)?;
    Ok(())
}
