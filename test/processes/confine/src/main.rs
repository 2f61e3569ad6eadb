//! Runs a program under a seccomp profile as container runtimes take it: `confine PROFILE.json PROGRAM [ARGUMENT...]`.

use seccompiler::{TargetArch, compile_from_json};
use serde_json::{Value, json};
use std::error::Error;
use std::os::unix::process::CommandExt;
use std::process::Command;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let profile = arguments.next().ok_or("which profile?")?;
    let program = arguments.next().ok_or("which program?")?;
    let profile: Value = serde_json::from_slice(&std::fs::read(profile)?)?;
    let filter = serde_json::to_vec(&json!({ "main": filter(&profile)? }))?;
    let compiled = compile_from_json(filter.as_slice(), TargetArch::x86_64)?;
    seccompiler::apply_filter(&compiled["main"])?;
    Err(Command::new(program).args(arguments).exec().into())
}

/// The same rules in the words of the library.
fn filter(profile: &Value) -> Result<Value, Box<dyn Error>> {
    if profile["defaultAction"] != "SCMP_ACT_ERRNO" {
        return Err("the profile has to refuse what it does not name".into());
    }
    let refusal = profile["defaultErrnoRet"].as_u64().ok_or("the profile has to say by which error")?;
    let mut allowed = Vec::new();
    for rule in profile["syscalls"].as_array().ok_or("the profile has no system calls")? {
        if rule["action"] != "SCMP_ACT_ALLOW" || rule.get("args").is_some() {
            return Err(format!("a rule that is no plain permission: {rule}").into());
        }
        for name in rule["names"].as_array().ok_or("a rule without names")? {
            allowed.push(json!({ "syscall": name }));
        }
    }
    Ok(json!({
        "mismatch_action": { "errno": refusal },
        "match_action": "allow",
        "filter": allowed,
    }))
}
