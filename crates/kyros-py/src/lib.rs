//! The extension module kyros_obs._native: converts and wires.
