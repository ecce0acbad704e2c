//! Further processes: the test binary executes itself with the name of a part to play.

use std::io::{BufRead, BufReader, Write, stdin, stdout};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use kyros_metrics::{Format, Limits, Options, Registry, Sharing};
use kyros_schema::names::metric::HTTP_REQUESTS_TOTAL;
use rustix::fs::{FlockOperation, Mode, OFlags};

use crate::{memory, render, schema};

const PART: &str = "KYROS_TEST_PART";
const SERVICE: &str = "KYROS_TEST_SERVICE";
/// Before what a part says, since the test harness speaks too.
const SAYS: &str = "=> ";

pub(crate) const OVERLAY: &str = r#"
[label.endpoint]
bound = 30

[label.tenant_id]
bound = 40
"#;
pub(crate) const BUDGET: usize = 200;

/// A registry of one of the processes.
pub(crate) fn open(service: &str, sharing: Sharing) -> Registry {
    let limits = Limits { series_per_metric: BUDGET, ..Limits::default() };
    Registry::open(&schema(OVERLAY), &Options { service, sharing, limits, ..Options::default() })
}

/// A process that waits for lines and does what they say.
pub(crate) struct Part {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Part {
    /// A part that shares as said: `file <path>`, `supervisor <pid>`.
    pub(crate) fn start(service: &str, sharing: &str) -> Self {
        Self::of(Command::new(std::env::current_exe().unwrap()), service, sharing)
    }

    /// One that shares a file in a file system of its own, with a megabyte of memory, after a
    /// command there; none where the system lets nobody mount any.
    pub(crate) fn start_in_little_memory(at: &Path, first: &str) -> Option<Self> {
        let alone = |script: &str| {
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "--mount", "sh", "-c", script, "sh"]).arg(at);
            command
        };
        let mount = "mount -t tmpfs -o size=1m none \"$1\"";
        if !alone(mount).status().unwrap().success() {
            return None;
        }
        let script = format!("{mount} && cd \"$1\" && {{ {first}; }}; shift; exec \"$@\"");
        let mut command = alone(&script);
        command.arg(std::env::current_exe().unwrap());
        Some(Self::of(command, "s", &format!("file {}/arena", at.display())))
    }

    fn of(mut command: Command, service: &str, sharing: &str) -> Self {
        command.args(["part::plays", "--exact", "--nocapture", "--test-threads=1"]);
        command.env(PART, sharing).env(SERVICE, service);
        let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let mut part = Self { child, input, output: BufReader::new(output) };
        assert_eq!(part.hear(), ["ready"]);
        part
    }

    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// What it says, until it has done what it was told.
    pub(crate) fn hear(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            let mut line = String::new();
            assert!(self.output.read_line(&mut line).unwrap() > 0, "the part has died");
            let line = line.trim_end_matches('\n');
            match line.find(SAYS).map(|at| &line[at + SAYS.len()..]) {
                Some("end") => return said,
                Some(says) => said.push(says.to_owned()),
                None => {}
            }
        }
    }

    pub(crate) fn ask(&mut self, line: &str) -> Vec<String> {
        self.tell(line);
        self.hear()
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Sends it a signal by name.
    pub(crate) fn signal(&self, name: &str) {
        let kill = Command::new("kill").args(["-s", name, &self.pid().to_string()]).status();
        assert!(kill.unwrap().success());
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    pub(crate) fn leave(mut self) {
        drop(self.input.take());
        assert!(self.child.wait().unwrap().success());
    }
}

fn say(lines: impl IntoIterator<Item = String>) {
    let mut text: String =
        lines.into_iter().flat_map(|line| [SAYS, &line, "\n"].map(str::to_owned)).collect();
    text.extend([SAYS, "end\n"]);
    let mut out = stdout().lock();
    out.write_all(text.as_bytes()).unwrap();
    out.flush().unwrap();
}

/// Does nothing, unless the binary has executed itself.
#[test]
fn plays() {
    let Ok(part) = std::env::var(PART) else { return };
    let sharing = match part.split_once(' ') {
        Some(("file", path)) => Sharing::File(path.into()),
        Some(("supervisor", pid)) => Sharing::Supervisor(pid.parse().unwrap()),
        _ => Sharing::Forks,
    };
    let registry = open(&std::env::var(SERVICE).unwrap_or_default(), sharing);
    say(["ready".to_owned()]);
    for line in stdin().lock().lines() {
        say(obey(&registry, &line.unwrap()));
    }
}

fn obey(registry: &Registry, line: &str) -> Vec<String> {
    let words: Vec<_> = line.split(' ').collect();
    match words[..] {
        ["insert", seed, count] => insert(registry, seed.parse().unwrap(), count.parse().unwrap()),
        ["forget", tenant] => return vec![registry.forget_tenant(tenant).unwrap().to_string()],
        ["show"] => return lines(registry),
        ["lock", path] => lock(path),
        ["fill"] => memory::fill(registry),
        ["problem"] => return registry.problem().map(ToString::to_string).into_iter().collect(),
        _ => panic!("no such thing to do: {line}"),
    }
    Vec::new()
}

/// Locks a file as long as the process lives.
fn lock(path: &str) {
    let file = rustix::fs::open(path, OFlags::RDWR, Mode::empty()).unwrap();
    rustix::fs::fcntl_lock(&file, FlockOperation::LockExclusive).unwrap();
    std::mem::forget(file);
}

/// What a scrape says of requests.
pub(crate) fn lines(registry: &Registry) -> Vec<String> {
    let text = render(registry, Format::Classic);
    text.lines().filter(|line| line.starts_with(HTTP_REQUESTS_TOTAL)).map(str::to_owned).collect()
}

/// Counts requests with values that look random.
pub(crate) fn insert(registry: &Registry, seed: u64, count: u64) {
    let family = registry.family(HTTP_REQUESTS_TOTAL).unwrap();
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    for _ in 0..count {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        let [endpoint, tenant] = [state % 50, (state >> 20) % 60].map(|at| at.to_string());
        family.series(&["s", &endpoint, "GET", "200", &tenant]).add(1.0);
    }
}
