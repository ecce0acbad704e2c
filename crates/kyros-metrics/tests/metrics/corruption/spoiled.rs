//! A filled arena in a file, and ways to spoil it while registries have it open.
//!
//! The layout is typed here once more: what this knows of it is what a stray write would hit.

#![expect(
    clippy::disallowed_types,
    reason = "what strays into the arena's file comes from outside"
)]

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use kyros_metrics::{Exemplar, Limits, Options, Registry, Sharing};
use kyros_schema::names::metric::{
    DASH_CALLBACK_ERRORS_TOTAL, HTTP_REQUEST_DURATION_SECONDS, HTTP_REQUESTS_TOTAL,
    HTTP_RESPONSE_SIZE_BYTES,
};
use kyros_schema::{Metric, MetricKind, Schema};

use super::blow::{Blow, Value};

const CELL: u64 = 8;
/// Cells of the head.
const END: u64 = 1;
const EPOCH: u64 = 2;
const WORKERS: u64 = 8;
const FIRST: u64 = WORKERS + 2 * 128;
/// Cells of a record's header.
const HEADER: u64 = 6;
const SHAPE: u64 = 3;
const LOW: u64 = 0xffff_ffff;

/// The file of an arena.
pub(crate) struct Spoiled {
    pub(crate) path: PathBuf,
    schema: Schema,
    /// What is in it when it is whole.
    whole: Vec<u8>,
    /// Where its records begin; after the last one, where it ends.
    records: Vec<u64>,
}

impl Spoiled {
    /// A filled arena in a file of that name.
    pub(crate) fn filled(name: &str) -> Self {
        let place = Some(Path::new("/dev/shm")).filter(|place| place.is_dir());
        let place = place.map_or_else(std::env::temp_dir, Path::to_owned);
        let path = place.join(format!("kyros-{name}-{}", std::process::id()));
        let schema = Schema::embedded().clone();
        let mut spoiled = Self { path, schema, whole: Vec::new(), records: Vec::new() };
        fill(&spoiled.registry());
        spoiled.whole = spoiled.content();
        spoiled.records = records(&spoiled.whole);
        spoiled
    }

    /// Makes it whole again; nobody may have it open.
    pub(crate) fn restore(&self) {
        let file = self.file(OpenOptions::new().write(true).create(true).truncate(true));
        file.write_all_at(&self.whole, 0).unwrap();
    }

    /// A registry of this process over it.
    pub(crate) fn registry(&self) -> Registry {
        let sharing = Sharing::File(self.path.clone());
        let limits = Limits { series_per_metric: 200, ..Limits::default() };
        Registry::open(&self.schema, &Options { sharing, limits, ..Options::default() })
    }

    /// How many records there were.
    pub(crate) fn count(&self) -> u16 {
        (self.records.len() - 1).try_into().unwrap()
    }

    pub(crate) fn strike(&self, blow: &Blow) {
        let file = self.file(OpenOptions::new().read(true).write(true));
        let change = |at: u64, value: &Value| {
            put(&file, at, &value.after(get(&file, at)).to_le_bytes());
        };
        match blow {
            Blow::Head(at, value) => change(u64::from(*at) % WORKERS, value),
            Blow::Slot(at, value) => change(WORKERS + u64::from(*at), value),
            Blow::Header(record, at, value) => {
                change(self.record(*record).start + u64::from(*at) % HEADER, value);
            }
            Blow::Text(record, at, value) => {
                let record = self.record(*record);
                change(within(record.start + HEADER..self.values(&record), *at), value);
            }
            Blow::Values(record, at, value) => {
                let record = self.record(*record);
                change(within(self.values(&record)..record.end, *at), value);
            }
            Blow::Cell(at, value) => change(u64::from(*at) % (64 << 17), value),
            Blow::Bytes(at, bytes) => {
                file.write_all_at(bytes, u64::from(*at) % self.whole.len() as u64).unwrap();
            }
            Blow::Copy(from, to) => put(&file, self.record(*to).start, &self.text(*from)),
            Blow::Again(record) => append(&file, &self.text(*record)),
            Blow::Made(record, text) => append(&file, &self.made(*record, text)),
            Blow::Cut(record) => put(&file, END, &self.record(*record).start.to_le_bytes()),
            Blow::Changed => change(EPOCH, &Value::Plus(1)),
        }
    }

    /// The bytes of a record.
    fn text(&self, record: u16) -> Vec<u8> {
        let record = self.record(record);
        self.whole[byte(record.start)..byte(record.end)].to_vec()
    }

    /// A record with another text and the values of its own.
    fn made(&self, record: u16, text: &[u8]) -> Vec<u8> {
        let record = self.record(record);
        let mut made = self.whole[byte(record.start)..byte(record.start + HEADER)].to_vec();
        let (values, words) = (self.values(&record), text.len().div_ceil(8));
        let size = HEADER + words as u64 + (record.end - values);
        let shape = self.was(record.start + SHAPE) & !LOW | text.len() as u64;
        made[..8].copy_from_slice(&marked(size).to_le_bytes());
        made[24..32].copy_from_slice(&shape.to_le_bytes());
        made.extend(text);
        made.resize(byte(HEADER) + 8 * words, 0);
        made.extend(&self.whole[byte(values)..byte(record.end)]);
        made
    }

    fn record(&self, record: u16) -> std::ops::Range<u64> {
        let at = usize::from(record % self.count());
        self.records[at]..self.records[at + 1]
    }

    /// Where a record's values begin.
    fn values(&self, record: &std::ops::Range<u64>) -> u64 {
        record.start + HEADER + (self.was(record.start + SHAPE) & LOW).div_ceil(CELL)
    }

    fn was(&self, at: u64) -> u64 {
        cell(&self.whole, at)
    }

    fn content(&self) -> Vec<u8> {
        let file = self.file(OpenOptions::new().read(true));
        let mut content = vec![0; 256 << 10];
        file.read_exact_at(&mut content, 0).unwrap();
        content
    }

    fn file(&self, options: &mut OpenOptions) -> File {
        options.mode(0o600).open(&self.path).unwrap()
    }
}

impl Drop for Spoiled {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Series of every kind, and a family of the application's own.
fn fill(registry: &Registry) {
    for tenant in ["acme", "globex"] {
        update(registry, tenant);
    }
    let lag = Metric::own("app_lag_seconds", MetricKind::Gauge, "Lag.", vec!["queue".into()]);
    registry.register(&lag).unwrap().series(&["mail"]).set(2.5);
}

/// Updates of every kind for a tenant.
pub(crate) fn update(registry: &Registry, tenant: &str) {
    let exemplar = Some(Exemplar { trace_id: [0xab; 16], unix_ms: 1_764_000_000_123 });
    let series = |name, values: &[&str]| registry.family(name).unwrap().series(values);
    series(HTTP_REQUESTS_TOTAL, &["api", "/me", "GET", "200", tenant]).add_with(1.0, exemplar);
    series(HTTP_REQUEST_DURATION_SECONDS, &["api", "/me", "GET", tenant])
        .observe_with(0.3, exemplar);
    series(HTTP_RESPONSE_SIZE_BYTES, &["api", "/me", tenant]).observe(512.0);
    series(DASH_CALLBACK_ERRORS_TOTAL, &["clv", "out.children", tenant]).add(1.0);
}

/// Where the records of a whole arena begin, and where the last one ends.
fn records(whole: &[u8]) -> Vec<u64> {
    let next = |at: &u64| {
        let next = at + (cell(whole, *at) & LOW);
        (next <= cell(whole, END)).then_some(next).filter(|next| next > at)
    };
    std::iter::successors(Some(FIRST), next).collect()
}

/// The first cell of a record of that size.
fn marked(size: u64) -> u64 {
    (0x6b79_726f << 32) ^ (size.wrapping_mul(0x9e37_79b9) << 32) | size
}

fn within(cells: std::ops::Range<u64>, at: impl Into<u64>) -> u64 {
    cells.start + at.into() % (cells.end - cells.start).max(1)
}

fn append(file: &File, record: &[u8]) {
    let end = get(file, END);
    if end < 1 << 16 {
        put(file, end, record);
        put(file, END, &(end + (record.len() / 8) as u64).to_le_bytes());
    }
}

fn get(file: &File, at: u64) -> u64 {
    let mut cell = [0; 8];
    let _ = file.read_at(&mut cell, at * CELL);
    u64::from_le_bytes(cell)
}

fn put(file: &File, at: u64, bytes: &[u8]) {
    file.write_all_at(bytes, at * CELL).unwrap();
}

fn cell(bytes: &[u8], at: u64) -> u64 {
    let cell = bytes.get(byte(at)..byte(at + 1)).and_then(|cell| cell.try_into().ok());
    cell.map_or(0, u64::from_le_bytes)
}

fn byte(cell: u64) -> usize {
    usize::try_from(cell * CELL).unwrap()
}
