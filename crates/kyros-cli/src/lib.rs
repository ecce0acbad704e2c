//! The command line `kyros-obs`: it reads arguments and prints, and leaves the rest to other crates.
//!
//! The wheel's entry point and the binary both call [`main()`]. An exit code of 0 is success, 1 says
//! that something failed or that generated files differ, 2 that the arguments, the environment or
//! the service's own schema are wrong.
//!
//! ```
//! use std::ffi::OsString;
//!
//! let code = kyros_cli::main(["kyros-obs", "explain", "no_such_metric"].map(OsString::from).into_iter());
//! assert_eq!(code, 2);
//! ```

mod arguments;
mod environment;
mod explain;
mod failure;
mod generate;
mod migrate;
mod overlay;
mod print;

use std::ffi::OsString;

use clap::Parser;

use arguments::{Arguments, Command};
use failure::Failure;

/// The Python package takes `preview` before it comes here.
const ELSEWHERE: &str = "`preview` is the Python package's, and comes first of the arguments\n  \
                         hint: `pip install 'kyros-obs[preview]'`, then `kyros-obs preview --help`";

/// Runs the command line and returns its exit code; the first argument is the program's name.
pub fn main(arguments: impl Iterator<Item = OsString>) -> u8 {
    match Arguments::try_parse_from(arguments) {
        Ok(arguments) => match run(arguments) {
            Ok(()) => 0,
            Err(failure) => {
                print::complain(&failure.to_string());
                failure.code()
            }
        },
        Err(answer) => answered(&answer),
    }
}

fn run(arguments: Arguments) -> Result<(), Failure> {
    let config = arguments.config;
    match arguments.command {
        Command::Generate(asked) => generate::run(&asked, config.as_deref()),
        Command::Migrate(asked) => migrate::run(&asked),
        Command::Explain(asked) => explain::run(&asked.name, config.as_deref()),
        Command::Preview(_) => Err(Failure::Input(ELSEWHERE.to_owned())),
    }
}

/// Prints what clap has to say: help, the version, or what is wrong with the arguments.
fn answered(answer: &clap::Error) -> u8 {
    let text = answer.render().to_string();
    if answer.use_stderr() {
        print::complain(text.trim_end());
        return 2;
    }
    print::say(text.trim_end());
    0
}
