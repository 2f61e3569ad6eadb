//! The walls: a hostile guest tries each way out of its VM. The host lives, the attempt ends as its row
//! says, nothing of it survives the reset, and the next call works.

#[path = "../../../../../../test/guests/hostile/src/guest/attack.rs"]
#[allow(dead_code, reason = "the guest needs all of it")]
mod attack;
mod kicks;
mod line;
mod memory;
mod messages;
mod privileged;
mod registers;
mod reset;
#[path = "../support/mod.rs"]
mod support;
mod victim;
