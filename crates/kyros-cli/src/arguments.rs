//! What the command line understands.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Generate, migrate and look up what derives from the schema of kyros-obs.
#[derive(Parser)]
#[command(name = "kyros-obs", version)]
pub(crate) struct Arguments {
    /// The service's own schema, laid over ours; else the file that `KYROS_OBS_CONFIG` names, else
    /// `kyros-obs.toml` in the working directory if it is there
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Write dashboards, alerts, migrations, deployment files and reference pages
    Generate(Generate),
    /// Bring the audit database up to this version; the DSN comes from `KYROS_OBS_AUDIT_DSN`, or
    /// from the file that `KYROS_OBS_AUDIT_DSN_FILE` names
    Migrate(Migrate),
    /// Say what a name of the schema is, and which generated files speak of it
    Explain(Explain),
    /// Draw the dashboards without Grafana; the Python package does, with the extra `preview`
    #[command(disable_help_flag = true)]
    Preview(Preview),
}

/// What the Python package reads for itself.
#[derive(Args)]
pub(crate) struct Preview {
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, hide = true)]
    pub(crate) _arguments: Vec<OsString>,
}

#[derive(Args)]
pub(crate) struct Generate {
    /// Write nothing; list every file that differs from what would be written, and exit with 1
    #[arg(long)]
    pub(crate) check: bool,
    /// The directory that is generated into
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
}

#[derive(Args)]
pub(crate) struct Migrate {
    /// A file that holds the DSN, in the place of the environment
    #[arg(long, value_name = "FILE")]
    pub(crate) dsn_file: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct Explain {
    /// A metric, label, field, column, action, event, setting, recording, alert or objective
    pub(crate) name: String,
}
