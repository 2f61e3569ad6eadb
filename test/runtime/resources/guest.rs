//! Makes buckets, and uses the host's connections.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};

use exports::test::resources::buckets::{self, Bucket, BucketBorrow, GuestBucket, Labelled};
use exports::test::resources::users;
use test::resources::connections::{self, Connection};

wit_bindgen::generate!({ path: "resources", world: "guest" });

struct Component;

struct Store {
    name: String,
    values: RefCell<BTreeMap<String, u32>>,
}

static ALIVE: AtomicU32 = AtomicU32::new(0);

thread_local! {
    static KEPT: RefCell<Vec<Bucket>> = const { RefCell::new(Vec::new()) };
    static HELD: RefCell<Vec<Connection>> = const { RefCell::new(Vec::new()) };
}

impl Store {
    fn named(name: String) -> Self {
        ALIVE.fetch_add(1, Ordering::Relaxed);
        Self { name, values: RefCell::default() }
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

fn made(name: &str) -> Bucket {
    Bucket::new(Store::named(name.into()))
}

impl GuestBucket for Store {
    fn new(name: String) -> Self {
        Self::named(name)
    }
    fn put(&self, key: String, value: u32) {
        self.values.borrow_mut().insert(key, value);
    }
    fn get(&self, key: String) -> Option<u32> {
        self.values.borrow().get(&key).copied()
    }
    fn name(&self) -> String {
        self.name.clone()
    }
    fn pour(&self, into: BucketBorrow<'_>) -> u32 {
        let poured = std::mem::take(&mut *self.values.borrow_mut());
        let count = poured.len() as u32;
        into.get::<Self>().values.borrow_mut().extend(poured);
        count
    }
    fn merge(a: Bucket, b: Bucket) -> Bucket {
        let (a, b) = (a.into_inner::<Self>(), b.into_inner::<Self>());
        let merged = Self::named(format!("{}+{}", a.name, b.name));
        merged.values.borrow_mut().extend(a.values.take());
        merged.values.borrow_mut().extend(b.values.take());
        Bucket::new(merged)
    }
    fn open(name: String) -> Result<Bucket, String> {
        if name.is_empty() { Err("no name".into()) } else { Ok(made(&name)) }
    }
}

impl buckets::Guest for Component {
    type Bucket = Store;

    fn size(of: BucketBorrow<'_>) -> u32 {
        of.get::<Store>().values.borrow().len() as u32
    }
    fn close(it: Bucket) -> String {
        it.into_inner::<Store>().name.clone()
    }
    fn pair() -> (Bucket, Bucket) {
        (made("first"), made("second"))
    }
    fn maybe(some: bool) -> Option<Bucket> {
        some.then(|| made("some"))
    }
    fn many(count: u32) -> Vec<Bucket> {
        (0..count).map(|index| made(&index.to_string())).collect()
    }
    fn label(it: Bucket) -> Labelled {
        Labelled { label: it.get::<Store>().name.clone(), held: it }
    }
    fn unlabel(it: Labelled) -> Bucket {
        it.held
    }
    fn keep(it: Bucket) {
        KEPT.with_borrow_mut(|kept| kept.push(it));
    }
    fn kept() -> Vec<String> {
        KEPT.with_borrow(|kept| kept.iter().map(|one| one.get::<Store>().name.clone()).collect())
    }
    fn give_back() -> Option<Bucket> {
        KEPT.with_borrow_mut(Vec::pop)
    }
    fn alive() -> u32 {
        ALIVE.load(Ordering::Relaxed)
    }
    fn plain(value: u32) -> u32 {
        value
    }
    fn fail_with(it: Bucket) -> Result<u32, Bucket> {
        Err(it)
    }
    fn sizes(of: Vec<BucketBorrow<'_>>) -> Vec<u32> {
        of.into_iter().map(Self::size).collect()
    }
    fn sum(of: Vec<(String, Option<Bucket>)>) -> u32 {
        of.iter()
            .filter_map(|(key, bucket)| bucket.as_ref()?.get::<Store>().values.borrow().get(key).copied())
            .sum()
    }
}

impl users::Guest for Component {
    fn talk(to: String) -> u32 {
        Connection::new(&to).send(b"hello")
    }
    fn hold(to: String) {
        HELD.with_borrow_mut(|held| held.push(Connection::new(&to)));
    }
    fn held() -> Vec<String> {
        HELD.with_borrow(|held| held.iter().map(Connection::to).collect())
    }
    fn drop_all() -> u32 {
        HELD.take().len() as u32
    }
    fn receive(it: Connection) -> String {
        it.to()
    }
    fn store(it: Connection) {
        HELD.with_borrow_mut(|held| held.push(it));
    }
    fn look(it: &Connection) -> String {
        format!("{} {}", it.to(), it.send(&[1, 2]))
    }
    fn pass_on(it: Connection) -> String {
        connections::take(it)
    }
    fn lend_on(it: &Connection) -> String {
        connections::lend(it)
    }
    fn return_it(it: Connection) -> Connection {
        it
    }
    fn fetch(to: String) -> Connection {
        connections::make(&to)
    }
    fn open_or(to: String) -> String {
        match Connection::open(&to) {
            Ok(open) => open.to(),
            Err(why) => why,
        }
    }
    fn all(them: Vec<Connection>) -> Vec<String> {
        them.iter().map(Connection::to).collect()
    }
    fn same(a: &Connection, b: &Connection) -> bool {
        a.same(b)
    }
    fn hold_and_trap(to: String) {
        Self::hold(to);
        panic!("with a connection in its hands");
    }
    fn lend_all(a: &Connection, b: &Connection) -> Vec<String> {
        connections::lend_all(&[a, b, a])
    }
    fn swap(it: Connection) -> Result<Connection, (String, Connection)> {
        connections::swap(it)
    }
    fn calls(to: Vec<String>) -> Vec<String> {
        let all = to.into_iter().map(|to| connections::Call { by: Connection::new(&to), text: to }).collect();
        let answered = connections::calls(all);
        answered.into_iter().map(|call| format!("{} {}", call.text, call.by.to())).collect()
    }
    fn churn(times: u32) -> u32 {
        (0..times).map(|_| Connection::new("short").send(&[0])).sum()
    }
    fn find(to: String) -> String {
        connections::maybe(&to).map_or("none".into(), |found| found.to())
    }
}

export!(Component);
