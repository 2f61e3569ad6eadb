//! Each target for a moment: its seeds, among them every input that ever found a fault, and random changes of them.
//!
//! Hours are for `npm run fuzz`. `HL_FUZZ_RUNS` asks for more than a moment.

use hl_fuzz::{Mutator, Target};

/// The same in each run: a failure comes again.
const SEED: u64 = 1;

fn runs(moment: u64) -> u64 {
    let asked = std::env::var("HL_FUZZ_RUNS").ok();
    asked.map_or(moment, |runs| runs.parse().expect("HL_FUZZ_RUNS is a number"))
}

/// False, with a word on why, where there is no hypervisor; a failure where one is expected.
fn has_hypervisor() -> bool {
    match hl_vmm::probe() {
        Ok(()) => true,
        Err(unavailable) => {
            assert!(std::env::var_os("CI").is_none(), "CI needs KVM: {}", unavailable.message);
            println!("skipped: {}", unavailable.message);
            false
        }
    }
}

fn fuzz(name: &str, moment: u64) {
    let target = Target::named(name).expect("a target");
    if target.needs_hypervisor && !has_hypervisor() {
        return;
    }
    let mut mutator = Mutator::new(SEED, target.input_bytes_max);
    mutator.add_folder(&target.seeds()).expect("seeds");
    let seeds = mutator.corpus().to_vec();
    assert!(!seeds.is_empty(), "no seeds of {name}");
    for seed in &seeds {
        (target.run)(seed);
    }
    for _ in 0..runs(moment) {
        (target.run)(mutator.next_input());
    }
}

#[test]
fn what_a_guest_says_in_its_mailbox_is_a_claim() {
    fuzz("mailbox", 200_000);
}

#[test]
fn nothing_comes_of_a_snapshots_file_but_what_a_guest_can_have() {
    fuzz("snapshot", 50_000);
}

#[test]
fn any_bytes_are_a_component_or_an_error() {
    fuzz("component", 50_000);
}

#[test]
fn a_guest_that_says_anything_harms_nobody() {
    fuzz("hostile", 300);
}

#[test]
fn components_that_nobody_wrote_answer_fail_or_reach_a_limit() {
    fuzz("smith", 2);
}
