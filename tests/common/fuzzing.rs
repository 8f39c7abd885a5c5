//! A small mutational fuzzer. Seeds are changed, cut, joined and put through the target, which has to answer; what it
//! does not answer is kept as a file. Half of the time goes by a fixed stream, half by one of the day.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long one input may take before it counts as a hang, on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(120);
/// Bytes that may be allocated at once beyond what was before.
const MEMORY: usize = 1 << 30;

/// Counts what is allocated.
pub struct Counting;

mod counting {
    #![allow(unsafe_code)]
    use super::Counting;
    use std::alloc::{GlobalAlloc, Layout, System};
    use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

    pub static LIVE: AtomicUsize = AtomicUsize::new(0);
    pub static PEAK: AtomicUsize = AtomicUsize::new(0);

    fn more(size: usize) {
        PEAK.fetch_max(LIVE.fetch_add(size, Relaxed) + size, Relaxed);
    }

    // SAFETY: everything is the system's allocator's work; the numbers are only counted.
    unsafe impl GlobalAlloc for Counting {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            more(layout.size());
            unsafe { System.alloc(layout) }
        }
        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            more(layout.size());
            unsafe { System.alloc_zeroed(layout) }
        }
        unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
            LIVE.fetch_sub(layout.size(), Relaxed);
            unsafe { System.dealloc(at, layout) }
        }
        unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            LIVE.fetch_sub(layout.size(), Relaxed);
            more(size);
            unsafe { System.realloc(at, layout, size) }
        }
    }
}

/// xorshift64*
pub struct Random(Cell<u64>);

impl Random {
    pub fn new(seed: u64) -> Self {
        Random(Cell::new(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1))
    }

    pub fn next(&self) -> u64 {
        let mut x = self.0.get();
        x ^= x >> 12;
        x ^= x << 25;
        x ^= x >> 27;
        self.0.set(x);
        x.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    pub fn below(&self, n: usize) -> usize {
        (self.next() >> 16) as usize % n.max(1)
    }

    fn pick<'a, T>(&self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// What is fuzzed: the folder of its kept seeds, more seeds, and the words of its format.
pub struct Target<'a> {
    pub name: &'a str,
    pub seeds: Vec<Vec<u8>>,
    pub words: &'a [&'a str],
}

/// Targets take turns, so that memory is theirs.
static TURN: Mutex<()> = Mutex::new(());

impl Target<'_> {
    /// Puts inputs through `run` until the time is over. `run` says whether the input was well-formed, and panics if a
    /// law is broken.
    pub fn fuzz(mut self, run: impl Fn(&[u8]) -> bool) {
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        self.seeds.extend(kept(self.name));
        let (current, over) = watched(self.name);
        for seed in self.seeds.clone() {
            one(self.name, &seed, &current, &run);
        }
        assert!(self.seeds.iter().any(|seed| run(seed)), "{}: no seed is well-formed", self.name);
        let seconds = std::env::var("FUZZ_SECONDS").map_or(1.0, |s| s.parse::<f64>().expect("a number of seconds"));
        let day = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs() / 86_400;
        let mut count = 0u64;
        for stream in [1, day] {
            let random = Random::new(stream);
            let mut seeds = self.seeds.clone();
            let until = Instant::now() + Duration::from_secs_f64(seconds / 2.0);
            while Instant::now() < until {
                let input = mutated(&random, &seeds, self.words);
                if one(self.name, &input, &current, &run) && seeds.len() < 300 {
                    seeds.push(input);
                }
                count += 1;
            }
        }
        println!("{}: {count} inputs", self.name);
        *over.lock().unwrap() = true;
    }
}

/// The files of `tests/fuzz/seeds/NAME`: what was once found.
fn kept(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fuzz/seeds").join(name);
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).into_iter().flatten().map(|e| e.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| std::fs::read(file).unwrap()).collect()
}

type Current = Arc<Mutex<Option<(Instant, Vec<u8>)>>>;

/// A thread that ends the process, with the input, when one takes too long.
fn watched(name: &str) -> (Current, Arc<Mutex<bool>>) {
    let (current, over) = (Current::default(), Arc::new(Mutex::new(false)));
    let (seen, ended, name) = (Arc::clone(&current), Arc::clone(&over), name.to_owned());
    std::thread::spawn(move || {
        while !*ended.lock().unwrap() {
            std::thread::sleep(Duration::from_millis(500));
            if let Some((since, input)) = &*seen.lock().unwrap()
                && since.elapsed() > PATIENCE
            {
                eprintln!("{name} hangs: {}", keep(&name, input));
                std::process::abort();
            }
        }
    });
    (current, over)
}

fn one(name: &str, input: &[u8], current: &Current, run: &impl Fn(&[u8]) -> bool) -> bool {
    use std::sync::atomic::Ordering::Relaxed;
    *current.lock().unwrap() = Some((Instant::now(), input.to_owned()));
    let before = counting::LIVE.load(Relaxed);
    counting::PEAK.store(before, Relaxed);
    let done = catch_unwind(AssertUnwindSafe(|| run(input)));
    let used = counting::PEAK.load(Relaxed).saturating_sub(before);
    *current.lock().unwrap() = None;
    assert!(used < MEMORY, "{name}: {used} bytes of memory for {}", keep(name, input));
    done.unwrap_or_else(|_| panic!("{name}: a law is broken by {}", keep(name, input)))
}

/// Keeps an input as a file; says where and what it is.
fn keep(name: &str, input: &[u8]) -> String {
    let file = format!("fuzz-{name}-{}", &blake3::hash(input).to_hex()[..12]);
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(file);
    std::fs::write(&path, input).unwrap();
    let hex: String = input.iter().take(4096).map(|b| format!("{b:02x}")).collect();
    format!("{}\ntext {:?}\nhex {hex}", path.display(), String::from_utf8_lossy(&input[..input.len().min(600)]))
}

const NUMBERS: [&str; 16] = [
    "0",
    "-1",
    "1",
    "127",
    "255",
    "65536",
    "2147483647",
    "-2147483648",
    "4294967296",
    "9223372036854775807",
    "-9223372036854775808",
    "18446744073709551616",
    "1e308",
    "-1e-400",
    "NaN",
    "Infinity",
];

fn mutated(random: &Random, seeds: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = random.pick(seeds).clone();
    for _ in 0..=random.below(5) {
        let at = random.below(input.len() + 1);
        let length = random.below(1 << random.below(7));
        let end = (at + length).min(input.len());
        match random.below(11) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.next() as u8,
            2 => drop(input.splice(at..at, (0..length).map(|_| random.next() as u8).collect::<Vec<_>>())),
            3 => drop(input.drain(at..end)),
            4 => drop(input.splice(at..at, input[at..end].to_vec())),
            5 => input.truncate(at),
            6 => {
                let other = random.pick(seeds);
                let from = random.below(other.len() + 1);
                let part = other[from..(from + length).min(other.len())].to_vec();
                drop(input.splice(at..end, part));
            }
            7 => {
                let other = random.pick(seeds);
                input.truncate(at);
                input.extend(&other[random.below(other.len() + 1)..]);
            }
            8 => {
                // A number that stands there becomes another.
                let digit = |b: &u8| b.is_ascii_digit();
                if let Some(from) = input[at..].iter().position(digit).map(|p| at + p) {
                    let to = input[from..].iter().position(|b| !digit(b)).map_or(input.len(), |p| from + p);
                    drop(input.splice(from..to, random.pick(&NUMBERS).bytes()));
                }
            }
            9 if at + 4 <= input.len() => {
                let number = random.pick(&[0, 1, u32::MAX, i32::MAX as u32, 1 << 31, 1 << 16, 1 << 24]).to_le_bytes();
                input[at..at + 4].copy_from_slice(&number);
            }
            _ if !words.is_empty() => drop(input.splice(at..at, random.pick(words).bytes())),
            _ => {}
        }
    }
    input.truncate(1 << 16);
    input
}
