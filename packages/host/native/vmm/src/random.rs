//! Random bytes for guests, drawn from the kernel in stock: a system call for each call of a guest costs as much as the call.

use crate::error::Error;
use std::cell::RefCell;

const STOCK_BYTES: usize = 4096;

struct Stock {
    bytes: [u8; STOCK_BYTES],
    used: usize,
}

thread_local! {
    static STOCK: RefCell<Stock> = const { RefCell::new(Stock { bytes: [0; STOCK_BYTES], used: STOCK_BYTES }) };
}

/// Bytes that nobody has seen, and that are not kept.
///
/// # Errors
/// If the kernel has none.
pub(crate) fn fresh<const N: usize>() -> Result<[u8; N], Error> {
    STOCK.with_borrow_mut(|stock| {
        if stock.used + N > STOCK_BYTES {
            refill(&mut stock.bytes)?;
            stock.used = 0;
        }
        let mut taken = [0; N];
        let place = &mut stock.bytes[stock.used..stock.used + N];
        taken.copy_from_slice(place);
        place.fill(0);
        stock.used += N;
        Ok(taken)
    })
}

fn refill(bytes: &mut [u8]) -> Result<(), Error> {
    let mut filled = 0;
    while filled < bytes.len() {
        let rest = &mut bytes[filled..];
        // SAFETY: writes at most as many bytes as `rest` has.
        let got = unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) };
        match usize::try_from(got) {
            Ok(got) => filled += got,
            Err(_) if std::io::Error::last_os_error().kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return Err(Error::system("getrandom", std::io::Error::last_os_error())),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_draws_are_alike_and_none_is_kept() {
        let draws: HashSet<[u8; 32]> = (0..1000).map(|_| fresh().unwrap()).collect();
        assert_eq!(draws.len(), 1000);
        STOCK.with_borrow(|stock| assert!(stock.bytes[..stock.used].iter().all(|byte| *byte == 0)));
    }
}
