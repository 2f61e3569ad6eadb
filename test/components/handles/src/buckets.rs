//! Resources of this component, counted.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::Component;
use crate::exports::hl::handles::buckets::{Bucket, BucketBorrow, Guest, GuestBucket, Pair};

static ALIVE: AtomicU32 = AtomicU32::new(0);

pub struct NamedBucket {
    name: String,
    values: RefCell<BTreeMap<String, String>>,
}

impl Drop for NamedBucket {
    fn drop(&mut self) {
        assert!(self.name != "trap on drop", "asked for");
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

impl GuestBucket for NamedBucket {
    fn new(name: String) -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self { name, values: RefCell::default() }
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn put(&self, key: String, value: String) -> Result<(), String> {
        if key.is_empty() {
            return Err("the key is empty".into());
        }
        self.values.borrow_mut().insert(key, value);
        Ok(())
    }

    fn get(&self, key: String) -> Option<String> {
        self.values.borrow().get(&key).cloned()
    }

    fn then(&self) -> u32 {
        self.values.borrow().len() as u32
    }

    fn merge(into: Bucket, other: BucketBorrow<'_>) -> Bucket {
        let others = other.get::<Self>().values.borrow().clone();
        into.get::<Self>().values.borrow_mut().extend(others);
        into
    }
}

impl Guest for Component {
    type Bucket = NamedBucket;

    fn open(name: String) -> Bucket {
        Bucket::new(NamedBucket::new(name))
    }

    fn try_open(name: String) -> Result<Bucket, String> {
        if name.is_empty() { Err("the name is empty".into()) } else { Ok(Self::open(name)) }
    }

    fn close(bucket: Bucket) -> String {
        bucket.get::<NamedBucket>().name.clone()
    }

    fn names(buckets: Vec<BucketBorrow<'_>>) -> Vec<String> {
        buckets.iter().map(|bucket| bucket.get::<NamedBucket>().name.clone()).collect()
    }

    fn swap(Pair { first, second }: Pair) -> Pair {
        match second {
            Some(second) => Pair { first: second, second: Some(first) },
            None => Pair { first, second: None },
        }
    }

    fn many(count: u32) -> Vec<Bucket> {
        (0..count).map(|number| Self::open(number.to_string())).collect()
    }

    fn alive() -> u32 {
        ALIVE.load(Ordering::Relaxed)
    }
}
