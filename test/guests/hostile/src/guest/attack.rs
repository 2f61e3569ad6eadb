//! What the hostile guest and the tests that run it both know: its functions' numbers, arguments and answers.
//!
//! A request is three 64-bit words, called a, b and c, and more bytes. Every function that ends answers a
//! [`Fate`], and some more bytes after it. Where the host believes that it runs a component (it was told to load
//! one), its functions go by their names instead: see `component.rs`.

macro_rules! numbered {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $variant:ident,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(u32)]
        pub enum $name { $($(#[$vmeta])* $variant,)* }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),*];
        }
    };
}

numbered! {
    /// The functions.
    Attack {
        /// Answers how often it was called since the base state, this call included.
        Ping,
        /// Runs instruction a of the table in `instructions.rs`, or the one that the bytes after c name.
        Instruction,
        /// Accesses ports a up to b in the way c ([`Access`]), and answers as [`Attack::Read`] does.
        Ports,
        /// `out` to the doorbell with the byte a as operation.
        Operation,
        /// `rep outsb` to the doorbell, a times.
        StringOut,
        /// Far return to selectors a up to b; answers as [`Attack::Read`] does.
        FarReturn,
        /// Loads selectors a up to b into segment register c (0 ds, 1 es, 2 fs, 3 gs, 4 ss).
        LoadSelector,
        /// `iretq` to code selector a with flags b.
        InterruptReturn,
        /// Touches every c-th byte from a up to b for reading; answers how many did not fault (value), the first of
        /// them (address), and which exceptions the others raised (error code: a bit for each vector).
        Read,
        /// The same for writing: each byte read is written back.
        Write,
        /// Answers the word at a.
        Peek,
        /// Jumps to a.
        Execute,
        /// Sets the stack pointer to a and pushes (b = 0) or executes an undefined instruction (b = 1).
        Stack,
        /// Posts a message exactly as the request's bytes after c say (a `GuestHeader` without its
        /// sequence word), with sequence = the host's + a; answers when the host has posted another.
        Post,
        /// Posts such a message for ever; a: 0 with the doorbell, 1 without.
        PostForever,
        /// Never ends: a is an [`Endless`].
        Forever,
        /// Fills all memory it may write with the byte a, answers from registers alone. b: pages of heap at most.
        Fill,
        /// Looks for sixteen equal bytes a in a row in all memory it may read; answers how many pages have them.
        Search,
        /// Puts a secret into register class a (a [`Registers`]), without taking it out again; what then is b (a [`Keeping`]).
        Keep,
        /// Answers the [`Reveal`]ed registers.
        Reveal,
        /// Leaves bytes a in b pages of heap and in the reply window, and answers as an honest guest does.
        Litter,
        /// Lays an honest answer into the mailbox, and never rests: a is a [`Lingering`].
        Linger,
        /// Answers the names of the instructions, each with a line's end.
        Instructions,
        /// `int n` for every n: answers 256 pairs of 32 bits, whether it trapped with its vector, and the error code.
        Interrupts,
        /// Says one thing after the other: see `script.rs`.
        Script,
        /// Answers what the host told it to load.
        Loaded,
    }
}

numbered! {
    /// What a guest does with a secret in its registers.
    Keeping {
        /// Rings with an answer that it laid before.
        Rings,
        /// Does not leave its VM, with an answer that it laid before.
        Stays,
        /// Answers, and rests, as an honest guest does.
        Rests,
    }
}

numbered! {
    /// What a guest does for ever after its answer.
    Lingering {
        Jump,
        Ring,
        /// Faults, and goes on.
        Fault,
        /// Writes to all of its heap, one page after the other.
        Write,
        /// Answers whatever the host's last message is, in vain or not.
        AnswerAgain,
        /// Answers the message that would come next.
        AnswerAhead,
        /// Answers messages of numbers that the host is not at.
        AnswerAnything,
        /// Changes how many bytes its answer has: [`LINGERING_BYTES`] in turn.
        Lengths,
        /// Changes what its answer is: every kind in turn, host calls among them.
        Kinds,
    }
}

/// Lengths that [`Lingering::Lengths`] claims: first that of the honest answer, which is an empty list's.
pub const LINGERING_BYTES: [u32; 4] = [4, 4096, 1 << 20, u32::MAX];

numbered! {
    /// How a port is accessed.
    Access { Out8, Out16, Out32, In8, In16, In32, }
}

numbered! {
    /// Loops without an end.
    Endless {
        Jump,
        Pause,
        /// Rings the doorbell without a message.
        Doorbell,
        /// Faults on one address again and again, and goes on each time.
        Faults,
        /// Faults again inside its own trap handler.
        FaultsInHandler,
        /// Touches ever more of its stack until nothing is left, again and again.
        StackOverflow,
    }
}

numbered! {
    /// Classes of registers that a secret may be kept in.
    Registers {
        General,
        /// Status flags, DF, AC and ID.
        Flags,
        /// DS, ES, FS and GS.
        Segments,
        /// The FS and GS base addresses.
        Bases,
        X87,
        Mmx,
        Xmm,
        /// MXCSR: rounding mode and masks.
        Mxcsr,
        /// Upper halves, where AVX is there.
        Ymm,
        /// Registers 16 to 31 and upper halves, where AVX-512 is there.
        Zmm,
        /// k0 to k7, where AVX-512 is there.
        Mask,
        /// Access disabled for keys 1 to 15, where `wrpkru` is there.
        Pkru,
        /// All access disabled for key 0 as well.
        PkruAll,
    }
}

/// The byte that secrets in registers are made of.
pub const SECRET: u8 = 0xa5;

/// What came of an attempt, as it begins each answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct Fate {
    /// 0: nothing happened; 1: an exception was delivered.
    pub trapped: u64,
    /// Exception's vector, or what the attempt found.
    pub value: u64,
    pub error_code: u64,
    pub address: u64,
}

/// Words of [`Attack::Reveal`]'s answer before the XSAVE area: general registers' sum, status flags, RSP, RDI,
/// RFLAGS, DS, ES, FS, GS, SS, CS, FS base, GS base (all as they were when the last reset entered ring 3;
/// all zero before the first; base addresses stay zero where ring 3 cannot read them), k0 to k7 folded into one word, PKRU.
pub const REVEALED_WORDS: usize = 15;

/// Bytes of XSAVE area that follow: every state component up to the AVX-512 registers and PKRU.
pub const REVEALED_XSAVE_BYTES: usize = 4096;

/// In the guest's read-only data: this word, the address of code that notes all registers before it goes
/// on, and the address where it goes on (0 in the file: tests put the image's own reset entry there, and
/// the noting code's address into the entry table).
pub const RESET_HOOK_MAGIC: u64 = 0x4b4f_4f48_5445_5352;
