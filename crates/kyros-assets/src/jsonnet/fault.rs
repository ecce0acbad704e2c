//! The evaluator's errors, as a place and a sentence.

use rsjsonnet_lang::lexer::LexError;
use rsjsonnet_lang::parser::ParseError;
use rsjsonnet_lang::program::{
    AnalyzeError, EvalError, EvalErrorKind, EvalStackTraceItem, LoadError, Program,
};
use rsjsonnet_lang::span::SpanId;

use super::engine::Sources;
use crate::Error;

pub(super) use rsjsonnet_lang::program::EvalError as Evaluation;

/// An error without callers.
pub(super) fn at(place: String, message: String) -> Error {
    Error::Jsonnet { place, message, callers: Vec::new() }
}

/// Why a source can't be read.
pub(super) fn of_loading(program: &Program<'_>, sources: &Sources, error: &LoadError) -> Error {
    let (span, message) = match error {
        LoadError::Lex(error) => (lexed(error), words(error)),
        LoadError::Parse(ParseError::Expected { span, instead, .. }) => {
            (*span, format!("a token that can't stand here: {}", words(instead)))
        }
        LoadError::Analyze(error) => analyzed(error),
    };
    at(sources.place(program, span).unwrap_or_default(), message)
}

/// Why a source has no value. The places that led there are those of the trace, innermost first.
pub(super) fn of_evaluation(program: &Program<'_>, sources: &Sources, error: &EvalError) -> Error {
    let spans = kind_span(&error.kind).into_iter().chain(trace(error));
    let mut places: Vec<_> = spans.filter_map(|span| sources.place(program, span)).collect();
    places.dedup();
    let callers = places.split_off(places.len().min(1));
    let place = places.pop().unwrap_or_else(|| "a Jsonnet source".to_owned());
    Error::Jsonnet { place, message: kind_message(&error.kind), callers }
}

fn kind_message(kind: &EvalErrorKind) -> String {
    match kind {
        EvalErrorKind::UnknownObjectField { field_name, .. } => {
            format!("no such field: `{field_name}`")
        }
        EvalErrorKind::AssertFailed { message: Some(message), .. }
        | EvalErrorKind::ExplicitError { message, .. }
        | EvalErrorKind::Other { message, .. } => message.clone(),
        EvalErrorKind::ImportFailed { path, .. } => format!("no such source: `{path}`"),
        other => words(other),
    }
}

/// Where an error is, for those that say so; of the others the trace does.
fn kind_span(kind: &EvalErrorKind) -> Option<SpanId> {
    match kind {
        EvalErrorKind::InvalidIndexedType { span, .. }
        | EvalErrorKind::NumericIndexOutOfRange { span, .. }
        | EvalErrorKind::RepeatedFieldName { span, .. }
        | EvalErrorKind::UnknownObjectField { span, .. }
        | EvalErrorKind::FieldOfNonObject { span }
        | EvalErrorKind::ForSpecValueIsNotArray { span, .. }
        | EvalErrorKind::CondIsNotBool { span, .. }
        | EvalErrorKind::AssertFailed { span, .. }
        | EvalErrorKind::ExplicitError { span, .. }
        | EvalErrorKind::ImportFailed { span, .. } => Some(*span),
        EvalErrorKind::CalleeIsNotFunction { span, .. }
        | EvalErrorKind::TooManyCallArgs { span, .. }
        | EvalErrorKind::UnknownCallParam { span, .. }
        | EvalErrorKind::CallParamNotBound { span, .. }
        | EvalErrorKind::InvalidBinaryOpTypes { span, .. }
        | EvalErrorKind::NumberOverflow { span }
        | EvalErrorKind::NumberNan { span }
        | EvalErrorKind::DivByZero { span }
        | EvalErrorKind::Other { span, .. } => *span,
        _ => None,
    }
}

fn trace(error: &EvalError) -> impl Iterator<Item = SpanId> {
    error.stack_trace.iter().rev().filter_map(|item| match item {
        EvalStackTraceItem::Expr { span }
        | EvalStackTraceItem::Variable { span, .. }
        | EvalStackTraceItem::Import { span } => Some(*span),
        EvalStackTraceItem::Call { span, .. }
        | EvalStackTraceItem::ArrayItem { span, .. }
        | EvalStackTraceItem::ObjectField { span, .. } => *span,
        _ => None,
    })
}

fn analyzed(error: &AnalyzeError) -> (SpanId, String) {
    match error {
        AnalyzeError::UnknownVariable { span, name } => {
            (*span, format!("no such variable: `{name}`"))
        }
        AnalyzeError::SelfOutsideObject { self_span: span }
        | AnalyzeError::SuperOutsideObject { super_span: span }
        | AnalyzeError::DollarOutsideObject { dollar_span: span }
        | AnalyzeError::RepeatedLocalName { repeated_span: span, .. }
        | AnalyzeError::RepeatedFieldName { repeated_span: span, .. }
        | AnalyzeError::RepeatedParamName { repeated_span: span, .. }
        | AnalyzeError::PositionalArgAfterNamed { arg_span: span }
        | AnalyzeError::TextBlockAsImportPath { span }
        | AnalyzeError::ComputedImportPath { span } => (*span, words(error)),
    }
}

fn lexed(error: &LexError) -> SpanId {
    match error {
        LexError::InvalidChar { span, .. }
        | LexError::InvalidUtf8 { span, .. }
        | LexError::UnfinishedMultilineComment { span }
        | LexError::LeadingZeroInNumber { span }
        | LexError::MissingFracDigits { span }
        | LexError::MissingExpDigits { span }
        | LexError::MissingDigitAfterUnderscore { span }
        | LexError::ExpOverflow { span }
        | LexError::InvalidEscapeInString { span, .. }
        | LexError::IncompleteUnicodeEscape { span }
        | LexError::InvalidUtf16EscapeSequence { span, .. }
        | LexError::UnfinishedString { span }
        | LexError::MissingLineBreakAfterTextBlockStart { span }
        | LexError::MissingWhitespaceTextBlockStart { span }
        | LexError::InvalidTextBlockTermination { span } => *span,
    }
}

/// The name of a variant as words: `InfiniteRecursion` is "infinite recursion".
fn words(variant: &impl std::fmt::Debug) -> String {
    let text = format!("{variant:?}");
    let name = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    name.chars().fold(String::new(), |words, c| {
        let gap = if c.is_uppercase() && !words.is_empty() { " " } else { "" };
        words + gap + &c.to_lowercase().to_string()
    })
}
