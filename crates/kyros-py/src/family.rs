//! A metric family of the application.

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
        self.with(labels, |family, values| family.series(values).add(amount))
    }

    /// Set a gauge.
    #[pyo3(signature = (labels: "dict[str, object]", amount))]
    fn set(&self, labels: &Bound<'_, PyDict>, amount: f64) -> PyResult<()> {
        self.with(labels, |family, values| family.series(values).set(amount))
    }

    /// Count an observation of a histogram.
    #[pyo3(signature = (labels: "dict[str, object]", amount))]
    fn observe(&self, labels: &Bound<'_, PyDict>, amount: f64) -> PyResult<()> {
        self.with(labels, |family, values| family.series(values).observe(amount))
    }

    /// Fix the values of all labels: what is returned takes none.
    #[pyo3(signature = (labels: "dict[str, object]"))]
    fn fix(&self, labels: &Bound<'_, PyDict>) -> PyResult<Self> {
        let values = self.texts(labels)?.into_iter().flatten();
        let values = values.map(|text| text.extract()).collect::<PyResult<_>>()?;
        Ok(Self { family: self.family.clone(), fixed: self.fixed.clone().or(Some(values)) })
    }
}

impl Family {
    pub(crate) fn of(family: kyros_core::Family) -> Self {
        Self { family, fixed: None }
    }

    /// Calls with the label values in declared order.
    fn with(
        &self,
        labels: &Bound<'_, PyDict>,
        update: impl FnOnce(&kyros_core::Family, &[&str]),
    ) -> PyResult<()> {
        let texts = self.texts(labels)?;
        let given = texts.iter().flatten().map(|text| text.to_str());
        let fixed = self.fixed.iter().flatten().map(|value| Ok(value.as_str()));
        let values = fixed.chain(given).collect::<PyResult<Vec<_>>>()?;
        update(&self.family, &values);
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
