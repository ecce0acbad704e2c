//! The program `kyros-obs`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(kyros_cli::main(std::env::args_os()))
}
