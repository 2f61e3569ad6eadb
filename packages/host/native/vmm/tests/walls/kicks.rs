//! Kicks at any moment, the stub's instructions included, and what a reset makes of where they stopped.

use crate::attack::{Attack, Endless};
use crate::victim::{Outcome, Victim, Way, in_each_way};
use std::sync::mpsc;
use std::time::Duration;

in_each_way!(a_guest_kicked_in_the_middle_of_the_stub_is_put_back,);

/// On each of these the vCPU spends much of its time in the stub, or between it and the host.
const BUSY: [(Attack, u64); 3] = [
    (Attack::Forever, Endless::Faults as u64),
    (Attack::Forever, Endless::StackOverflow as u64),
    (Attack::Fill, 0xa5),
];

fn a_guest_kicked_in_the_middle_of_the_stub_is_put_back(way: Way) {
    const KICKS: u32 = 150;
    let Some(mut victim) = Victim::by(way) else { return };
    let interrupt = victim.interrupt.clone();
    let (begin, begun) = mpsc::channel::<u32>();
    let (kicked, done) = mpsc::channel();
    std::thread::scope(|scope| {
        scope.spawn(move || {
            for number in begun {
                std::thread::sleep(Duration::from_micros(u64::from(number * 37 % 1500)));
                interrupt.fire();
                kicked.send(()).expect("the test waits");
            }
        });
        let mut interrupted = 0;
        for number in 0..KICKS {
            let (attack, what) = BUSY[number as usize % BUSY.len()];
            begin.send(number).expect("the kicking thread lives");
            let outcome = victim.attack_for_ever(attack, [what, 64, 0], &[]);
            done.recv().expect("the kicking thread lives");
            let ended = matches!(outcome, Outcome::Interrupted | Outcome::Empty);
            interrupted += u32::from(matches!(outcome, Outcome::Interrupted));
            victim.check(&format!("kick {number} in {attack:?}"), &outcome, ended);
        }
        drop(begin);
        assert!(interrupted > KICKS / 2, "most kicks come before the guest is done: {interrupted}");
    });
}
