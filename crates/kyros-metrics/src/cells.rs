//! Where values live: runs of 64-bit atomic cells in memory that processes share.
//!
//! This is the only place that knows what memory that is, and the only one with `unsafe`. Others
//! write to the same memory at any time, so nobody gets more than an atomic cell within bounds.
//! Relaxed order suffices for values: a scrape adds up independent cells.

use std::fmt;
use std::sync::Arc;

pub(crate) use crate::atomic::{AtomicU64, Ordering};

/// Bytes of a cell.
pub(crate) const CELL: usize = 8;

/// Memory as cells, kept alive by all who hold a part of it.
pub(crate) enum Memory {
    /// This process' own.
    Heap(Box<[AtomicU64]>),
    /// A file that is mapped by every process which has it open, or pages of this one.
    #[cfg(not(loom))]
    Mapped(mapping::Mapping),
}

impl Memory {
    /// So many cells of this process alone, at 0.
    #[cfg(not(loom))]
    pub(crate) fn heap(count: usize) -> Self {
        let zeroed = Box::<[AtomicU64]>::new_zeroed_slice(count);
        #[expect(unsafe_code, reason = "the system's zeroed pages are taken as they are")]
        // SAFETY: an atomic integer of all zeros is valid.
        Self::Heap(unsafe { zeroed.assume_init() })
    }

    #[cfg(loom)]
    pub(crate) fn heap(count: usize) -> Self {
        Self::Heap((0..count).map(|_| AtomicU64::new(0)).collect())
    }

    /// So many cells of this process alone, at 0; none where the system doesn't give them.
    #[cfg(not(loom))]
    pub(crate) fn private(count: usize) -> Option<Self> {
        Mapping::private(count).ok().map(Self::Mapped)
    }

    #[cfg(loom)]
    pub(crate) fn private(count: usize) -> Option<Self> {
        Some(Self::heap(count))
    }

    /// All cells.
    pub(crate) fn cells(&self) -> &[AtomicU64] {
        match self {
            Self::Heap(cells) => cells,
            #[cfg(not(loom))]
            Self::Mapped(mapping) => mapping.cells(),
        }
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Memory({} cells)", self.cells().len())
    }
}

/// A run of cells, shared by all who hold it.
#[derive(Clone, Debug)]
pub(crate) struct Cells {
    memory: Arc<Memory>,
    at: usize,
    count: usize,
}

impl Cells {
    /// The run from `at` on, if all of it is within bounds.
    pub(crate) fn of(memory: &Arc<Memory>, at: usize, count: usize) -> Option<Self> {
        let within = at.checked_add(count).is_some_and(|end| end <= memory.cells().len());
        within.then(|| Self { memory: Arc::clone(memory), at, count })
    }

    /// A run of `count` cells of its own at 0.
    pub(crate) fn zeroed(count: usize) -> Self {
        Self { memory: Arc::new(Memory::heap(count)), at: 0, count }
    }

    /// All cells.
    pub(crate) fn all(&self) -> &[AtomicU64] {
        &self.memory.cells()[self.at..self.at + self.count]
    }

    /// The cell itself, for protocols that order their accesses.
    pub(crate) fn at(&self, at: usize) -> &AtomicU64 {
        &self.all()[at]
    }

    pub(crate) fn load(&self, at: usize) -> u64 {
        self.at(at).load(Ordering::Relaxed)
    }

    pub(crate) fn store(&self, at: usize, value: u64) {
        self.at(at).store(value, Ordering::Relaxed);
    }
}

#[cfg(not(loom))]
mod mapping {
    #![expect(unsafe_code, reason = "a mapping is reached through a pointer")]

    use std::ffi::c_void;
    use std::io;
    use std::os::fd::BorrowedFd;
    use std::ptr::NonNull;

    use rustix::mm::{MapFlags, ProtFlags, mmap, mmap_anonymous, munmap};

    use super::{AtomicU64, CELL};

    const PROTECTION: ProtFlags = ProtFlags::READ.union(ProtFlags::WRITE);

    /// A mapped file, or pages without one.
    pub(crate) struct Mapping {
        start: NonNull<AtomicU64>,
        count: usize,
    }

    // SAFETY: the mapping is valid until drop wherever it is used, and is only used as atomics.
    unsafe impl Send for Mapping {}
    // SAFETY: as above.
    unsafe impl Sync for Mapping {}

    impl Mapping {
        /// Maps so many cells of a file, which has to stay at least as long.
        pub(crate) fn of(file: BorrowedFd<'_>, count: usize) -> io::Result<Self> {
            let (anywhere, length) = (std::ptr::null_mut(), count * CELL);
            // SAFETY: a fresh mapping at an address of the kernel's choice aliases nothing.
            let start = unsafe { mmap(anywhere, length, PROTECTION, MapFlags::SHARED, file, 0) };
            Self::at(start?, count)
        }

        /// Maps so many cells of no file, at 0.
        pub(crate) fn private(count: usize) -> io::Result<Self> {
            let (anywhere, length) = (std::ptr::null_mut(), count * CELL);
            // SAFETY: as above.
            let start = unsafe { mmap_anonymous(anywhere, length, PROTECTION, MapFlags::PRIVATE) };
            Self::at(start?, count)
        }

        fn at(start: *mut c_void, count: usize) -> io::Result<Self> {
            let start = NonNull::new(start.cast()).ok_or(io::ErrorKind::OutOfMemory)?;
            Ok(Self { start, count })
        }

        pub(crate) fn cells(&self) -> &[AtomicU64] {
            // SAFETY: the mapping has that many cells, is aligned to a page and lives as long as
            // `self`; every bit pattern is a valid integer, and other writers use atomics too.
            unsafe { NonNull::slice_from_raw_parts(self.start, self.count).as_ref() }
        }
    }

    impl Drop for Mapping {
        fn drop(&mut self) {
            // SAFETY: the whole mapping is this one's, and nobody borrows from it any more.
            let _ = unsafe { munmap(self.start.as_ptr().cast::<c_void>(), self.count * CELL) };
        }
    }
}

#[cfg(not(loom))]
pub(crate) use mapping::Mapping;
