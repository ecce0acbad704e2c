//! What can hit an arena, as a fuzzer's bytes spell it.

/// One stray write, or a record that somebody made up. Which record it is, is taken modulo how many
/// there are; likewise a place in it.
#[derive(Clone, Debug)]
pub(crate) enum Blow {
    /// Over a cell of the head or of the workers' slots.
    Head(u8, Value),
    Slot(u8, Value),
    /// Over a cell of a record's header, text or values.
    Header(u16, u8, Value),
    Text(u16, u16, Value),
    Values(u16, u16, Value),
    /// Over any cell, up to far behind the end.
    Cell(u32, Value),
    /// Bytes from some byte on.
    Bytes(u32, Vec<u8>),
    /// A record over another one.
    Copy(u16, u16),
    /// A record once more, behind the end.
    Again(u16),
    /// A record behind the end with the head of another one and a text of its own.
    Made(u16, Vec<u8>),
    /// The end of the log before a record.
    Cut(u16),
    /// Word that everything has to be read again.
    Changed,
}

/// What a cell comes to hold.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Exactly(u64),
    Plus(i8),
    Flipped(u8),
}

impl Value {
    pub(crate) fn after(&self, before: u64) -> u64 {
        match *self {
            Self::Exactly(value) => value,
            Self::Plus(more) => before.wrapping_add_signed(more.into()),
            Self::Flipped(bit) => before ^ 1 << (bit % 64),
        }
    }

    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(match bytes.byte()? % 4 {
            0 => Self::Exactly(bytes.byte()?.into()),
            1 => Self::Exactly(u64::from_le_bytes(bytes.take()?)),
            2 => Self::Plus(bytes.byte()?.cast_signed()),
            _ => Self::Flipped(bytes.byte()?),
        })
    }
}

impl Blow {
    /// As many as the bytes spell, and no more than 64.
    pub(crate) fn all(bytes: &[u8]) -> Vec<Self> {
        let mut bytes = Bytes(bytes);
        std::iter::from_fn(|| Self::read(&mut bytes)).take(64).collect()
    }

    fn read(bytes: &mut Bytes<'_>) -> Option<Self> {
        Some(match bytes.byte()? % 12 {
            0 => Self::Head(bytes.byte()?, Value::read(bytes)?),
            1 => Self::Slot(bytes.byte()?, Value::read(bytes)?),
            2 => Self::Header(bytes.short()?, bytes.byte()?, Value::read(bytes)?),
            3 => Self::Text(bytes.short()?, bytes.short()?, Value::read(bytes)?),
            4 => Self::Values(bytes.short()?, bytes.short()?, Value::read(bytes)?),
            5 => Self::Cell(u32::from_le_bytes(bytes.take()?), Value::read(bytes)?),
            6 => Self::Bytes(u32::from_le_bytes(bytes.take()?), bytes.text()?),
            7 => Self::Copy(bytes.short()?, bytes.short()?),
            8 => Self::Again(bytes.short()?),
            9 => Self::Made(bytes.short()?, bytes.text()?),
            10 => Self::Cut(bytes.short()?),
            _ => Self::Changed,
        })
    }
}

/// What is left of the bytes.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take().map(|[byte]| byte)
    }

    fn short(&mut self) -> Option<u16> {
        self.take().map(u16::from_le_bytes)
    }

    /// So many bytes as the first one says, or as there are.
    fn text(&mut self) -> Option<Vec<u8>> {
        let length = usize::from(self.byte()?).min(self.0.len());
        let (text, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(text.to_vec())
    }
}
