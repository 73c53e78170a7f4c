//! The command line.

use crate::admin::{Admin, Request, Response, Selection};
use crate::config::{self, Config};
use crate::control;
use crate::error::Error;
use crate::output::{self, Format};
use crate::{check, health, replay, serve};
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// A durable webhook endpoint for Xurrent: stores each delivery before it responds, and passes it to a
/// target with retries.
///
/// Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.
#[derive(Parser)]
#[command(name = "xurrent-receiver", version, after_long_help = CONFIGURATION)]
struct Arguments {
    /// The configuration [default: the environment variable XURRENT_RECEIVER_CONFIG]
    #[arg(long, short, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

const CONFIGURATION: &str = concat!(
    "An example of the configuration, with all settings:\n\n",
    include_str!("example.toml"),
    "\nEnvironment variables replace values of the file: XURRENT_RECEIVER_WORKER__CONCURRENCY replaces\n\
     `concurrency` of [worker]. Secrets are in files or in environment variables: `secret_file` of\n\
     [target], or XURRENT_RECEIVER_TARGET__SECRET.\n"
);

#[derive(Subcommand)]
enum Command {
    /// Receive deliveries and pass them to the target, until SIGTERM or SIGINT.
    Serve {
        /// Fail when the inbox lacks migrations, instead of migrating it
        #[arg(long)]
        no_migrate: bool,
        /// Open an inbox that lacks acknowledged deliveries: restore what can be restored first
        #[arg(long)]
        accept_loss: bool,
    },
    /// Check the configuration, its secrets, the inbox, the hosts of the accounts, and the clock.
    Check,
    /// Create or migrate the tables of the inbox.
    Migrate,
    /// Copy the inbox into a new file, also while the service runs.
    Backup {
        /// The copy. A running service writes it, so its user needs the right to
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Ask the running service whether it can store deliveries; fail if not. Needs `monitoring`.
    Health {
        /// Only whether it responds, whatever the state of its inbox
        #[arg(long)]
        live: bool,
    },
    /// List, show, retry and drop dead letters: deliveries that failed for good.
    Dead {
        #[command(subcommand)]
        command: Dead,
    },
    /// Let the running service take no deliveries until `resume` or its restart; it still receives them.
    Pause,
    /// Let the running service take deliveries again.
    Resume,
    /// Count deliveries by state and event, and refusals by reason.
    Stats {
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Pass recorded deliveries to the target, as if they were received; nothing is verified or stored.
    Replay {
        /// Messages or signed bodies as JSON: one a line, or a single one
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

#[derive(Subcommand)]
enum Dead {
    /// List dead letters, the oldest first.
    List {
        #[command(flatten)]
        filter: Filter,
        /// Start after this number
        #[arg(long, value_name = "ID")]
        after: Option<i64>,
        /// The maximum number of dead letters
        #[arg(long, value_name = "N", default_value_t = 100)]
        limit: usize,
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Print one dead letter with its message, as JSON.
    Show {
        #[arg(value_name = "ID")]
        id: i64,
    },
    /// Hand dead letters to the target again.
    Retry(Chosen),
    /// Discard dead letters.
    Drop(Chosen),
}

#[derive(Args)]
struct Filter {
    /// Only this event, or all events of an object, such as `request.*`
    #[arg(long)]
    event: Option<String>,
    /// Only this record, as `dead list` prints it
    #[arg(long)]
    record: Option<String>,
    /// Only what was received at least this long ago, such as `7d`
    #[arg(long, value_name = "AGE", value_parser = humantime::parse_duration)]
    older_than: Option<Duration>,
}

#[derive(Args)]
struct Chosen {
    /// The numbers of the dead letters
    #[arg(value_name = "ID", required_unless_present_any = ["all", "event", "record", "older_than"])]
    ids: Vec<i64>,
    /// All dead letters
    #[arg(long, conflicts_with_all = ["ids", "event", "record", "older_than"])]
    all: bool,
    #[command(flatten)]
    filter: Filter,
}

impl From<Filter> for Selection {
    fn from(Filter { event, record, older_than }: Filter) -> Self {
        Self { ids: None, event, record, older_than }
    }
}

impl From<Chosen> for Selection {
    fn from(Chosen { ids, all: _, filter }: Chosen) -> Self {
        Self { ids: (!ids.is_empty()).then_some(ids), ..filter.into() }
    }
}

/// Runs the command of the command line.
pub(crate) async fn run() -> ExitCode {
    match Arguments::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
    }
}

impl Arguments {
    async fn run(self) -> Result<ExitCode, Error> {
        let named = || std::env::var_os("XURRENT_RECEIVER_CONFIG").map(PathBuf::from);
        let missing = "no configuration: give `--config FILE`, or set XURRENT_RECEIVER_CONFIG";
        let file = self.config.or_else(named).ok_or(Error::configuration(missing))?;
        let config = config::load(&file)?;
        match self.command {
            Command::Serve { no_migrate, accept_loss } => {
                let open = serve::Open { migrate: !no_migrate, accept_loss };
                serve::serve(&config, open).await.map(|()| ExitCode::SUCCESS)
            }
            Command::Check => Ok(check::check(&config).await),
            Command::Migrate => check::migrate(&config).await.map(|()| ExitCode::SUCCESS),
            Command::Backup { file } => {
                let path = std::path::absolute(file).map_err(|error| Error::failed(error.to_string()))?;
                operate(&config, Request::Backup { path }, Format::Table).await
            }
            Command::Health { live } => health::health(&config, live).await,
            Command::Replay { file } => replay::replay(&config, &file).await,
            Command::Dead { command } => {
                let (request, format) = match command {
                    Dead::List { filter, after, limit, format } => {
                        (Request::List { selection: filter.into(), after, limit }, format)
                    }
                    Dead::Show { id } => (Request::Show { id }, Format::Json),
                    Dead::Retry(chosen) => (Request::Retry(chosen.into()), Format::Table),
                    Dead::Drop(chosen) => (Request::Drop(chosen.into()), Format::Table),
                };
                operate(&config, request, format).await
            }
            Command::Pause => operate(&config, Request::Pause, Format::Table).await,
            Command::Resume => operate(&config, Request::Resume, Format::Table).await,
            Command::Stats { format } => operate(&config, Request::Stats, format).await,
        }
    }
}

/// Asks the running service or, if there is none, the inbox.
async fn operate(config: &Config, request: Request, format: Format) -> Result<ExitCode, Error> {
    let asked = match config.control_socket() {
        Some(path) => control::ask(&path, &request).await?,
        None => None,
    };
    let verb = match &request {
        Request::Retry(_) => "retried",
        _ => "dropped",
    };
    let show = matches!(request, Request::Show { .. });
    let response = match asked {
        Some(response) => response,
        None if matches!(request, Request::Pause | Request::Resume) => {
            return Err(Error::failed("no service runs that listens on `control_socket`"));
        }
        None => {
            let opened = config.open_inbox(false, false).await?;
            let answer = Admin { opened: &opened, service: None }.answer(request).await;
            opened.inbox.close().await;
            answer.map_err(Error::Failed)?
        }
    };
    match response {
        Response::Letters(letters) if show && letters.is_empty() => {
            return Err(Error::failed("there is no such dead letter"));
        }
        Response::Letters(letters) => output::letters(&letters, format)?,
        Response::Count(count) => output::line(&format!("{verb} {count} dead letters"))?,
        Response::Paused(true) => output::line("paused")?,
        Response::Paused(false) => output::line("resumed")?,
        Response::Stats(stats) => output::stats(&stats, format)?,
        Response::Written => output::line("copied the inbox")?,
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn dead_letters_are_changed_only_when_they_are_chosen() {
        let parses = |line: &str| Arguments::try_parse_from(line.split(' ')).is_ok();
        for line in ["1", "1 2", "--all", "--event request.* --older-than 7d", "1 --record request/70"] {
            assert!(
                parses(&format!("x dead retry {line}")) && parses(&format!("x dead drop {line}")),
                "{line}"
            );
        }
        for line in ["x dead retry", "x dead drop", "x dead drop 1 --all", "x dead drop --all --event a.b"] {
            assert!(!parses(line), "{line}");
        }
    }
}
