//! The four floors, each as samples in microseconds.

use crate::Failure;
use crate::guest::{Memory, answering, exiting};
use crate::vm::Vm;
use kvm_ioctls::Kvm;
use std::cell::OnceCell;
use std::sync::atomic::Ordering::{Acquire, Release};
use std::time::{Duration, Instant};

/// Exits until page tables and caches are warm.
const WARM_UP: usize = 200;

/// One turn is near the clock's own cost, so a sample is the mean of this many.
const TURNS_PER_SAMPLE: u64 = 500;

/// The value at which the answering guest leaves its VM.
const STOP: u64 = 1 << 63;

/// Far beyond any turn: a guest that is silent for so long has died.
const SILENCE_MAX: Duration = Duration::from_secs(5);

/// One KVM_RUN in which the guest does nothing but leave.
pub fn exits(system: &Kvm, count: usize) -> Result<Vec<f64>, Failure> {
    let memory = Memory::new(exiting());
    let mut vm = Vm::create(system, &memory)?;
    for _ in 0..WARM_UP {
        vm.run()?;
    }
    (0..count).map(|_| timed(|| vm.run())).collect()
}

/// One value to a guest that spins on another core, and its answer back, with no exit.
pub fn turns(system: &Kvm, count: usize) -> Result<Vec<f64>, Failure> {
    let memory = Memory::new(answering());
    std::thread::scope(|scope| {
        // A vCPU lives and dies on one thread.
        let guest = scope.spawn(|| Vm::create(system, &memory)?.run());
        let measured = ask(&memory, count);
        memory.request().store(STOP, Release);
        guest.join().expect("the guest's thread does not panic")?;
        measured
    })
}

fn ask(memory: &Memory, count: usize) -> Result<Vec<f64>, Failure> {
    let mut value = 0;
    let mut samples = Vec::with_capacity(count);
    // The first sample waits for the VM to be created, and is dropped.
    for _ in 0..=count {
        let sample = timed(|| {
            for _ in 0..TURNS_PER_SAMPLE {
                value += 1;
                memory.request().store(value, Release);
                wait_for(memory, value)?;
            }
            Ok(())
        })?;
        samples.push(sample / TURNS_PER_SAMPLE as f64);
    }
    Ok(samples.split_off(1))
}

fn wait_for(memory: &Memory, value: u64) -> Result<(), Failure> {
    const LOOKS_PER_CLOCK: usize = 1 << 16;
    let started = OnceCell::new();
    loop {
        for _ in 0..LOOKS_PER_CLOCK {
            if memory.reply().load(Acquire) == value {
                return Ok(());
            }
            std::hint::spin_loop();
        }
        if started.get_or_init(Instant::now).elapsed() > SILENCE_MAX {
            return Err(format!("the guest has not answered for {} s", SILENCE_MAX.as_secs()).into());
        }
    }
}

/// A new VM with vCPU and memory slot, until its first exit. Taking it away is not counted.
pub fn creates(system: &Kvm, count: usize) -> Result<Vec<f64>, Failure> {
    let memory = Memory::new(exiting());
    (0..count)
        .map(|_| {
            let mut vm = None;
            timed(|| vm.insert(Vm::create(system, &memory)?).run())
        })
        .collect()
}

/// One copy of this many bytes, from and to memory that was touched before.
const COPY_BYTES: usize = 1 << 20;

pub fn copies(count: usize) -> Result<Vec<f64>, Failure> {
    let source = vec![1_u8; COPY_BYTES];
    let mut target = vec![0_u8; COPY_BYTES];
    (0..count)
        .map(|_| {
            timed(|| {
                std::hint::black_box(&mut target).copy_from_slice(std::hint::black_box(&source));
                Ok(())
            })
        })
        .collect()
}

fn timed(work: impl FnOnce() -> Result<(), Failure>) -> Result<f64, Failure> {
    let started = Instant::now();
    work()?;
    Ok(started.elapsed().as_nanos() as f64 / 1000.0)
}
