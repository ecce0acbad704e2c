//! A series of a promtool test, in promtool's notation.

use serde_json::{Value, json};

/// A series under a load that may change once.
#[derive(Clone)]
pub(crate) struct Series {
    name: String,
    labels: Vec<(String, String)>,
    load: Load,
    after: Option<Load>,
}

/// What a sample adds to the one before it, or what it is.
#[derive(Clone, Copy)]
enum Load {
    /// A counter that grows by so much in each step.
    Growing(f64),
    /// A gauge.
    At(f64),
}

impl Series {
    /// A gauge at 0 without labels.
    pub(crate) fn of(name: &str) -> Self {
        Self { name: name.to_owned(), labels: Vec::new(), load: Load::At(0.0), after: None }
    }

    /// Adds a label.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.labels.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Makes it a counter that grows by so much in each step.
    pub(crate) fn counting(self, per_step: u32) -> Self {
        self.counting_parts(f64::from(per_step))
    }

    /// Makes it a counter that grows by so much in each step.
    pub(crate) fn counting_parts(mut self, per_step: f64) -> Self {
        self.load = Load::Growing(per_step);
        self
    }

    /// Makes it a gauge at a value.
    pub(crate) fn showing(mut self, value: u32) -> Self {
        self.load = Load::At(f64::from(value));
        self
    }

    /// What it does once the load has changed.
    pub(crate) fn then(mut self, value: u32) -> Self {
        self.after = Some(self.load.of(f64::from(value)));
        self
    }

    /// The same series without any load.
    pub(crate) fn idle(mut self) -> Self {
        self.load = self.load.of(0.0);
        self
    }

    /// An entry of `input_series`: `change` steps under the first load, then `rest` under the second.
    pub(crate) fn input(&self, change: u32, rest: u32) -> Value {
        let first = run(0.0, self.load, change);
        let values = if rest == 0 {
            first
        } else {
            let end = match self.load {
                Load::Growing(per_step) => per_step * f64::from(change),
                Load::At(value) => value,
            };
            format!("{first} {}", follow(end, self.after.unwrap_or(self.load), rest))
        };
        json!({ "series": self.selector(), "values": values })
    }

    fn selector(&self) -> String {
        let labels = self.labels.iter().map(|(name, value)| format!("{name}={value:?}"));
        format!("{}{{{}}}", self.name, labels.collect::<Vec<_>>().join(", "))
    }
}

impl Load {
    /// A load of the same kind and another size.
    fn of(self, value: f64) -> Self {
        match self {
            Self::Growing(_) => Self::Growing(value),
            Self::At(_) => Self::At(value),
        }
    }
}

/// A sample at the start and one after each of `steps` steps.
fn run(start: f64, load: Load, steps: u32) -> String {
    match load {
        Load::Growing(per_step) => format!("{start}+{per_step}x{steps}"),
        Load::At(value) => format!("{value}+0x{steps}"),
    }
}

/// A sample after each of `steps` steps.
fn follow(end: f64, load: Load, steps: u32) -> String {
    match load {
        Load::Growing(per_step) => run(end + per_step, load, steps - 1),
        Load::At(_) => run(end, load, steps - 1),
    }
}
