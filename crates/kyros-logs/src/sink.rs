//! Where lines go.

use std::io;
use std::os::fd::AsFd;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use crate::encoder::Line;

/// Standard output, or memory for tests.
#[derive(Debug)]
pub struct Sink(Target);

#[derive(Debug)]
enum Target {
    Stdout,
    /// Without a lock: a child of `fork` would find it held where a thread of its parent wrote.
    Memory(Box<boxcar::Vec<String>>),
}

impl Sink {
    /// The process' standard output, without a buffer of ours or of the standard library.
    pub fn stdout() -> Self {
        Self(Target::Stdout)
    }

    /// Keeps lines until they are asked for.
    pub fn memory() -> Self {
        Self(Target::Memory(Box::default()))
    }

    /// Writes a line with one write, or with more where the system takes only a part of it.
    ///
    /// A full pipe is waited for, also one that somebody has made non-blocking. Two processes that
    /// share a pipe can mix lines of more than 4096 bytes; lines of one process never mix in a
    /// [`crate::Log`].
    ///
    /// # Errors
    /// The system's, such as for a pipe nobody reads from; a part of the line may have been written.
    pub fn write(&self, line: &Line) -> io::Result<()> {
        match &self.0 {
            Target::Stdout => write_all(&io::stdout(), line.as_bytes()),
            Target::Memory(lines) => {
                lines.push(line.as_str().to_owned());
                Ok(())
            }
        }
    }

    /// The lines in memory, the first first; of standard output none.
    pub fn lines(&self) -> Vec<String> {
        match &self.0 {
            Target::Stdout => Vec::new(),
            Target::Memory(lines) => lines.iter().map(|(_, line)| line.clone()).collect(),
        }
    }
}

fn write_all(to: &impl AsFd, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(to, bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            Err(Errno::AGAIN) => wait(to)?,
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

fn wait(to: &impl AsFd) -> io::Result<()> {
    match poll(&mut [PollFd::new(to, PollFlags::OUT)], None) {
        Ok(_) | Err(Errno::INTR) => Ok(()),
        Err(error) => Err(error.into()),
    }
}
