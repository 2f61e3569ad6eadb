//! Values under numbers that are never used twice: a stale number finds nothing.

/// Lower bits of a handle: the place. The rest, up to the 53 bits of a JavaScript integer, is the generation.
const INDEX_BITS: u32 = 20;
const INDEX_MASK: u64 = (1 << INDEX_BITS) - 1;

pub(crate) struct Slab<T> {
    places: Vec<Place<T>>,
    free: Vec<usize>,
}

struct Place<T> {
    generation: u32,
    value: Option<T>,
}

impl<T> Slab<T> {
    pub(crate) const fn new() -> Self {
        Self { places: Vec::new(), free: Vec::new() }
    }

    /// The handle under which `make`'s value lies from now on; `None` where all places are taken.
    pub(crate) fn insert(&mut self, value: T) -> Option<u64> {
        let index = match self.free.pop() {
            Some(index) => index,
            None if self.places.len() as u64 <= INDEX_MASK => {
                self.places.push(Place { generation: 1, value: None });
                self.places.len() - 1
            }
            None => return None,
        };
        let place = &mut self.places[index];
        place.value = Some(value);
        Some(u64::from(place.generation) << INDEX_BITS | index as u64)
    }

    pub(crate) fn get_mut(&mut self, handle: u64) -> Option<&mut T> {
        let generation = handle >> INDEX_BITS;
        let place = self.places.get_mut((handle & INDEX_MASK) as usize)?;
        if u64::from(place.generation) == generation { place.value.as_mut() } else { None }
    }

    pub(crate) fn remove(&mut self, handle: u64) -> Option<T> {
        self.get_mut(handle)?;
        let index = (handle & INDEX_MASK) as usize;
        let place = &mut self.places[index];
        // A place whose generations are used up is not used again.
        if let Some(next) = place.generation.checked_add(1) {
            place.generation = next;
            self.free.push(index);
        }
        place.value.take()
    }

    /// Takes all values out.
    pub(crate) fn drain(&mut self) -> impl Iterator<Item = T> {
        self.free.clear();
        std::mem::take(&mut self.places).into_iter().filter_map(|place| place.value)
    }
}

#[cfg(test)]
mod tests {
    use super::Slab;

    #[test]
    fn a_removed_handle_never_finds_the_next_value_in_its_place() {
        let mut slab = Slab::new();
        let first = slab.insert("first").unwrap();
        assert_eq!(slab.remove(first), Some("first"));
        let second = slab.insert("second").unwrap();
        assert_ne!(first, second);
        assert_eq!(slab.get_mut(first), None);
        assert_eq!(slab.remove(first), None);
        assert_eq!(slab.get_mut(second), Some(&mut "second"));
    }

    #[test]
    fn handles_are_javascript_integers_and_garbage_finds_nothing() {
        let mut slab = Slab::new();
        let handle = slab.insert(()).unwrap();
        assert!(handle > 0 && handle < 1 << 53);
        for garbage in [0, 1, handle + 1, handle ^ (1 << 52), u64::MAX] {
            assert_eq!(slab.get_mut(garbage), None);
        }
    }
}
