//! Assembles every .wat file of one folder into a .wasm file of another: `assemble FROM TO`.

use std::path::PathBuf;
use std::{env, fs};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let (Some(from), Some(to)) = (arguments.next(), arguments.next()) else {
        return Err("usage: assemble FROM TO".into());
    };
    fs::create_dir_all(&to)?;
    for entry in fs::read_dir(&from)? {
        let path = entry?.path();
        let Some(name) =
            path.file_stem().filter(|_| path.extension().is_some_and(|extension| extension == "wat"))
        else {
            continue;
        };
        fs::write(to.join(name).with_extension("wasm"), wat::parse_file(&path)?)?;
    }
    Ok(())
}
