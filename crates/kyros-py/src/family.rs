//! A metric family of the application.

use kyros_core::{MetricKind, Series};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// A metric family. Labels come by name, in any order; a value that is no text is printed.
#[pyclass(frozen, module = "kyros_obs._native")]
pub(crate) struct Family {
    family: kyros_core::Family,
    /// The values of all labels, in declared order, where they are fixed.
    fixed: Option<Box<[String]>>,
}

#[pymethods]
impl Family {
    /// Add to a counter or gauge.
    #[pyo3(signature = (labels: "dict[str, object]", amount))]
    fn add(&self, labels: &Bound<'_, PyDict>, amount: f64) -> PyResult<()> {
        if amount < 0.0 && self.family.kind() == MetricKind::Counter {
            let name = self.family.name();
            let message = format!("counter `{name}`: only goes up: {amount}, hint: use a gauge");
            return Err(PyValueError::new_err(message));
        }
        self.check(amount)?;
        self.with(labels, |series| series.add(amount))
    }

    /// Set a gauge.
    #[pyo3(signature = (labels: "dict[str, object]", amount))]
    fn set(&self, labels: &Bound<'_, PyDict>, amount: f64) -> PyResult<()> {
        self.with(labels, |series| series.set(amount))
    }

    /// Count an observation of a histogram.
    #[pyo3(signature = (labels: "dict[str, object]", amount))]
    fn observe(&self, labels: &Bound<'_, PyDict>, amount: f64) -> PyResult<()> {
        self.check(amount)?;
        self.with(labels, |series| series.observe(amount))
    }

    /// Fix the values of all labels: what is returned takes none.
    #[pyo3(signature = (labels: "dict[str, object]"))]
    fn fix(&self, labels: &Bound<'_, PyDict>) -> PyResult<Self> {
        let values = self.texts(labels)?.into_iter().flatten();
        let values = values.map(|text| text.to_string_lossy().into_owned()).collect();
        Ok(Self { family: self.family.clone(), fixed: Some(values) })
    }
}

impl Family {
    pub(crate) fn of(family: kyros_core::Family) -> Self {
        Self { family, fixed: None }
    }

    /// Refuses what no sum has a place for.
    fn check(&self, amount: f64) -> PyResult<()> {
        if amount.is_finite() {
            return Ok(());
        }
        let name = self.family.name();
        Err(PyValueError::new_err(format!("metric `{name}`: no number: {amount}")))
    }

    /// Calls with the series of the label values. Where it has to be made, others may go on
    /// meanwhile.
    fn with(
        &self,
        labels: &Bound<'_, PyDict>,
        update: impl FnOnce(&Series) + Send,
    ) -> PyResult<()> {
        let texts = self.texts(labels)?;
        let given: Vec<_> = texts.iter().flatten().map(|text| text.to_string_lossy()).collect();
        let fixed = self.fixed.iter().flatten().map(String::as_str);
        let values: Vec<&str> = fixed.chain(given.iter().map(AsRef::as_ref)).collect();
        match self.family.known(&values) {
            Some(series) => update(&series),
            None => labels.py().detach(|| update(&self.family.series(&values))),
        }
        Ok(())
    }

    /// One text for each label: as many names as are declared, and each of them known.
    fn texts<'py>(
        &self,
        labels: &Bound<'py, PyDict>,
    ) -> PyResult<Vec<Option<Bound<'py, PyString>>>> {
        let mut texts = vec![None; self.open().len()];
        if labels.len() != texts.len() {
            return Err(self.unexpected(labels));
        }
        for (at, (name, value)) in labels.iter().enumerate() {
            let place = self.place(at, name.cast::<PyString>()?.to_str()?);
            let text = place.and_then(|place| texts.get_mut(place));
            *text.ok_or_else(|| self.unexpected(labels))? = Some(printed(value)?);
        }
        Ok(texts)
    }

    /// The labels that a call has to give.
    fn open(&self) -> &[String] {
        if self.fixed.is_some() { &[] } else { self.family.labels() }
    }

    /// Where a label is declared; most calls name them in that order.
    fn place(&self, likely: usize, name: &str) -> Option<usize> {
        let declared = self.open();
        let found = declared.get(likely).is_some_and(|label| label == name);
        if found { Some(likely) } else { declared.iter().position(|label| label == name) }
    }

    fn unexpected(&self, labels: &Bound<'_, PyDict>) -> PyErr {
        let mut given: Vec<_> = labels.keys().iter().map(|name| name.to_string()).collect();
        given.sort_unstable();
        let (name, declared) = (self.family.name(), self.open());
        PyValueError::new_err(format!("labels of `{name}`: expected {declared:?}, got {given:?}"))
    }
}

/// A text as it is; anything else as `str` makes of it, subclasses of `str` too.
fn printed(value: Bound<'_, PyAny>) -> PyResult<Bound<'_, PyString>> {
    match value.cast_into_exact::<PyString>() {
        Ok(text) => Ok(text),
        Err(other) => other.into_inner().str(),
    }
}
