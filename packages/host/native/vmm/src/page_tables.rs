//! A VM's page tables: written by the host alone, mapped nowhere in the guest.
//!
//! Entries are made with Accessed and Dirty set: hypervisors map a faulting page's neighbours ahead only
//! where both are. Of a live table, an entry only ever goes from absent to present or from read-only to
//! writable, because hypervisors with shadow page tables do not notice other edits; all of them go at once,
//! when the hypervisor has been made to forget its translations.

use crate::error::{Error, ErrorKind, LimitKind};
use crate::mapping::Mapping;
use hl_abi::layout::{PAGE_BYTES, SYSTEM_BYTES};

const PRESENT: u64 = 1;
const WRITABLE: u64 = 1 << 1;
const USER: u64 = 1 << 2;
const ACCESSED: u64 = 1 << 5;
const DIRTY: u64 = 1 << 6;
const LARGE: u64 = 1 << 7;
const NO_EXECUTE: u64 = 1 << 63;
const ADDRESS: u64 = 0x000f_ffff_ffff_f000;

pub(crate) const LARGE_PAGE_BYTES: usize = 2 << 20;

/// How ring 3 may use a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Use {
    Read,
    Execute,
    Write,
    /// Supervisor pages: nothing for ring 3.
    SystemRead,
    SystemExecute,
    SystemWrite,
}

impl Use {
    fn bits(self) -> u64 {
        PRESENT
            | ACCESSED
            | DIRTY
            | match self {
                Self::Read => USER | NO_EXECUTE,
                Self::Execute => USER,
                Self::Write => USER | WRITABLE | NO_EXECUTE,
                Self::SystemRead => NO_EXECUTE,
                Self::SystemExecute => 0,
                Self::SystemWrite => WRITABLE | NO_EXECUTE,
            }
    }
}

/// The tables, in the memory behind the system pages; its guest-physical addresses start at 0.
pub(crate) struct PageTables {
    pub(crate) memory: Mapping,
    next: usize,
    /// The last-level table used last, by the 2 MiB range it serves.
    recent: Option<(u64, usize)>,
}

/// What the tables say about one page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) gpa: u64,
    pub(crate) writable: bool,
}

/// A page, or a large one, and who may do what with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Leaf {
    pub(crate) gva: u64,
    pub(crate) gpa: u64,
    pub(crate) len: u64,
    /// Ring 3 may use it.
    pub(crate) user: bool,
    pub(crate) writable: bool,
    pub(crate) executable: bool,
}

impl PageTables {
    /// `memory`: the system pages, then room for tables.
    pub(crate) fn new(memory: Mapping) -> Self {
        Self { memory, next: SYSTEM_BYTES + PAGE_BYTES, recent: None }
    }

    /// Maps nothing any more. Only while the hypervisor knows no translation by these tables.
    pub(crate) fn clear(&mut self) {
        self.memory.zero(SYSTEM_BYTES, self.next - SYSTEM_BYTES);
        self.next = SYSTEM_BYTES + PAGE_BYTES;
        self.recent = None;
    }

    /// Guest-physical address of the top table.
    pub(crate) fn root(&self) -> u64 {
        SYSTEM_BYTES as u64
    }

    /// Maps `len` bytes (whole pages), with 2 MiB entries where both addresses allow it and `large` says so.
    pub(crate) fn map(
        &mut self,
        gva: u64,
        gpa: u64,
        len: usize,
        usage: Use,
        large: bool,
    ) -> Result<(), Error> {
        let mut done = 0;
        while done < len {
            let (from, to) = (gva + done as u64, gpa + done as u64);
            let aligned = (from | to).is_multiple_of(LARGE_PAGE_BYTES as u64);
            if large && aligned && len - done >= LARGE_PAGE_BYTES {
                let table = self.table(from, 2)?;
                self.memory.write_u64(table + index(from, 1), to | usage.bits() | LARGE);
                done += LARGE_PAGE_BYTES;
            } else {
                self.map_page(from, to, usage)?;
                done += PAGE_BYTES;
            }
        }
        Ok(())
    }

    pub(crate) fn map_page(&mut self, gva: u64, gpa: u64, usage: Use) -> Result<(), Error> {
        let range = gva / LARGE_PAGE_BYTES as u64;
        let table = match self.recent {
            Some((recent, table)) if recent == range => table,
            _ => self.table(gva, 3)?,
        };
        self.recent = Some((range, table));
        self.memory.write_u64(table + index(gva, 0), gpa | usage.bits());
        Ok(())
    }

    /// The entry for the page at `gva`, if it is mapped for ring 3 by a 4 KiB entry.
    pub(crate) fn entry(&self, gva: u64) -> Option<Entry> {
        let mut table = self.root() as usize;
        for level in (0..4).rev() {
            let entry = self.memory.read_u64(table + index(gva, level));
            if entry & PRESENT == 0 || (level == 1 && entry & LARGE != 0) {
                return None;
            }
            if level == 0 {
                return Some(Entry { gpa: entry & ADDRESS, writable: entry & WRITABLE != 0 });
            }
            table = (entry & ADDRESS) as usize;
        }
        None
    }

    /// Every page that is mapped, whoever may use it.
    pub(crate) fn leaves(&self) -> Vec<Leaf> {
        let mut leaves = Vec::new();
        self.gather(self.root() as usize, 3, 0, &mut leaves);
        leaves
    }

    fn gather(&self, table: usize, level: usize, base: u64, leaves: &mut Vec<Leaf>) {
        for number in 0..512_u64 {
            let entry = self.memory.read_u64(table + number as usize * 8);
            let gva = base + (number << (12 + 9 * level));
            if entry & PRESENT == 0 {
                continue;
            }
            if level > 0 && entry & LARGE == 0 {
                self.gather((entry & ADDRESS) as usize, level - 1, gva, leaves);
                continue;
            }
            leaves.push(Leaf {
                gva,
                gpa: entry & ADDRESS,
                len: 1 << (12 + 9 * level),
                user: entry & USER != 0,
                writable: entry & WRITABLE != 0,
                executable: entry & NO_EXECUTE == 0,
            });
        }
    }

    /// The table `depth` levels below the top one on the way to `gva`.
    fn table(&mut self, gva: u64, depth: usize) -> Result<usize, Error> {
        let mut table = self.root() as usize;
        for level in (4 - depth..4).rev() {
            let place = table + index(gva, level);
            let mut entry = self.memory.read_u64(place);
            assert!(level > 1 || entry & LARGE == 0, "a large page is never split");
            if entry == 0 {
                entry = self.new_table()? | PRESENT | WRITABLE | USER | ACCESSED;
                self.memory.write_u64(place, entry);
            }
            table = (entry & ADDRESS) as usize;
        }
        Ok(table)
    }

    fn new_table(&mut self) -> Result<u64, Error> {
        if self.next + PAGE_BYTES > self.memory.len() {
            return Err(ErrorKind::Limit(LimitKind::Memory).into());
        }
        let table = self.next;
        self.next += PAGE_BYTES;
        Ok(table as u64)
    }
}

/// Offset in a table of the entry for `gva`. Level 0 maps 4 KiB pages, level 3 is the top.
fn index(gva: u64, level: usize) -> usize {
    (gva >> (12 + 9 * level) & 511) as usize * 8
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::Backing;

    fn tables(bytes: usize) -> PageTables {
        PageTables::new(Mapping::new(SYSTEM_BYTES + bytes, Backing::Small).unwrap())
    }

    #[test]
    fn a_mapped_page_is_found_and_its_neighbours_are_not() {
        let mut tables = tables(1 << 20);
        tables.map_page(0x7000_1000, 0x5000, Use::Read).unwrap();
        assert_eq!(tables.entry(0x7000_1000), Some(Entry { gpa: 0x5000, writable: false }));
        assert_eq!(tables.entry(0x7000_0000), None);
        assert_eq!(tables.entry(0x7000_2000), None);
        tables.map_page(0x7000_1000, 0x9000, Use::Write).unwrap();
        assert_eq!(tables.entry(0x7000_1000), Some(Entry { gpa: 0x9000, writable: true }));
    }

    #[test]
    fn a_range_uses_large_pages_only_where_it_fills_them() {
        let mut tables = tables(1 << 20);
        tables.map(0x20_0000, 0x40_0000, LARGE_PAGE_BYTES + 2 * PAGE_BYTES, Use::Write, true).unwrap();
        assert_eq!(tables.entry(0x20_0000), None, "covered by a large page");
        assert_eq!(tables.entry(0x40_1000), Some(Entry { gpa: 0x60_1000, writable: true }));
        assert_eq!(tables.entry(0x40_2000), None, "past the end");
    }

    #[test]
    fn running_out_of_tables_is_an_error() {
        let mut tables = tables(3 * PAGE_BYTES);
        let error = (0..64).find_map(|page| tables.map_page(page << 39, 0, Use::Read).err());
        assert!(matches!(error.unwrap().kind(), ErrorKind::Limit(LimitKind::Memory)));
    }
}
