//! The evaluator behind one small trait.

use std::collections::HashMap;

use rsjsonnet_lang::arena::Arena;
use rsjsonnet_lang::interner::InternedStr;
use rsjsonnet_lang::program::{
    Callbacks, EvalStackTraceItem, ImportError, NativeError, Program, Thunk, Value as Evaluated,
};
use rsjsonnet_lang::span::{SpanContextId, SpanId};
use serde_json::Value;

use super::{Source, fault};
use crate::Error;

/// Finds a source by the path of the importing one and the path it names.
pub(super) type Import<'a> = dyn Fn(&str, &str) -> Option<Source<'a>> + 'a;

/// Something that evaluates Jsonnet.
pub(super) trait Engine {
    /// Evaluates a source to JSON.
    fn evaluate<'a>(&self, source: Source<'_>, import: &'a Import<'a>) -> Result<Value, Error>;
}

/// The evaluator written in Rust.
pub(super) struct Rsjsonnet;

impl Engine for Rsjsonnet {
    fn evaluate<'a>(&self, source: Source<'_>, import: &'a Import<'a>) -> Result<Value, Error> {
        let arena = Arena::new();
        let mut program = Program::new(&arena);
        let mut loader = Loader::new(import);
        let root = source.path.clone();
        let thunk = loader.load(&mut program, source)?;
        let json = program
            .eval_value(&thunk, &mut loader)
            .and_then(|value| program.manifest_json(&value, false))
            .map_err(|error| loader.fault(&program, &error))?;
        serde_json::from_str(&json).map_err(|error| fault::at(root, error.to_string()))
    }
}

/// What was loaded so far, and how to load more.
struct Loader<'a, 'p> {
    import: &'a Import<'a>,
    loaded: HashMap<String, Thunk<'p>>,
    sources: Sources,
    /// Why the last import failed; the evaluator keeps no reason.
    failure: Option<Error>,
}

impl<'a, 'p> Loader<'a, 'p> {
    fn new(import: &'a Import<'a>) -> Self {
        Self { import, loaded: HashMap::new(), sources: Sources::default(), failure: None }
    }

    fn load(&mut self, program: &mut Program<'p>, source: Source<'_>) -> Result<Thunk<'p>, Error> {
        let text = source.text.as_ref();
        let (context, _) = program.span_manager_mut().insert_source_context(text.len());
        self.sources.0.insert(context, (source.path.clone(), text.to_owned()));
        let thunk = program
            .load_source(context, text.as_bytes(), true, &source.path)
            .map_err(|error| fault::of_loading(program, &self.sources, &error))?;
        self.loaded.insert(source.path, thunk.clone());
        Ok(thunk)
    }

    /// The source that `path` means where it is imported.
    fn find(&self, program: &Program<'p>, from: SpanId, path: &str) -> Option<Source<'a>> {
        let (importing, _) = self.sources.source(program, from)?;
        (self.import)(importing, path)
    }

    fn fault(&mut self, program: &Program<'p>, error: &fault::Evaluation) -> Error {
        let failure = self.failure.take();
        failure.unwrap_or_else(|| fault::of_evaluation(program, &self.sources, error))
    }
}

impl<'p> Callbacks<'p> for Loader<'_, 'p> {
    fn import(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Thunk<'p>, ImportError> {
        let source = self.find(program, from, path).ok_or(ImportError)?;
        if let Some(thunk) = self.loaded.get(&source.path) {
            return Ok(thunk.clone());
        }
        self.load(program, source).map_err(|error| {
            self.failure = Some(error);
            ImportError
        })
    }

    fn import_str(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<String, ImportError> {
        self.find(program, from, path).map(|source| source.text.into_owned()).ok_or(ImportError)
    }

    fn import_bin(
        &mut self,
        program: &mut Program<'p>,
        from: SpanId,
        path: &str,
    ) -> Result<Vec<u8>, ImportError> {
        self.import_str(program, from, path).map(String::into_bytes)
    }

    fn trace(&mut self, _: &mut Program<'p>, _: &str, _: &[EvalStackTraceItem]) {}

    fn native_call(
        &mut self,
        _: &mut Program<'p>,
        _: InternedStr<'p>,
        _: &[Evaluated<'p>],
    ) -> Result<Evaluated<'p>, NativeError> {
        Err(NativeError)
    }
}

/// Path and text of each loaded source, by the context in which its spans are counted.
#[derive(Default)]
pub(super) struct Sources(HashMap<SpanContextId, (String, String)>);

impl Sources {
    /// The file and line at which a span starts; nothing for one of the standard library.
    pub(super) fn place(&self, program: &Program<'_>, span: SpanId) -> Option<String> {
        let (path, before) = self.source(program, span)?;
        Some(format!("{path}:{}", before.matches('\n').count() + 1))
    }

    /// The path of the source in which a span lies, and the text before it.
    fn source(&self, program: &Program<'_>, span: SpanId) -> Option<(&str, &str)> {
        let (context, start, _) = program.span_manager().get_span(span);
        let (path, text) = self.0.get(&context)?;
        Some((path, text.get(..start)?))
    }
}
