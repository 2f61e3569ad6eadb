//! Random bytes: a stream from the seed that each message of the host's brings along.

use crate::cell::GuestCell;
use crate::mailbox;
use rand_chacha::ChaCha12Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

struct Stream {
    seed: [u8; 32],
    generator: Option<ChaCha12Rng>,
}

static STREAM: GuestCell<Stream> = GuestCell::new(Stream { seed: [0; 32], generator: None });

/// Fills `into`. Two calls of the host's, clones and loaded snapshots never see the same bytes, because
/// each brings a fresh seed; within one call the stream goes on.
pub fn random(into: &mut [u8]) {
    let seed = mailbox::random_seed();
    STREAM.with(|stream| {
        if stream.seed != seed || stream.generator.is_none() {
            stream.seed = seed;
            stream.generator = Some(ChaCha12Rng::from_seed(seed));
        }
        if let Some(generator) = &mut stream.generator {
            generator.fill_bytes(into);
        }
    });
}
