//! A Postgres of the tests' own, or the one of `KYROS_TEST_DSN`.
//!
//! Postgres refuses to run as root, so root starts it as an unprivileged user.

use std::fs;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::str::FromStr;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::sync::{Arc, Mutex, Weak};
use std::thread::sleep;
use std::time::Duration;

use kyros_audit::{MigrationReport, migrate};
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor};

use crate::directory::{Directory, temporary};

const OWNER: &str = "kyros_test_owner";
const WRITER: &str = "kyros_test_writer";
const READER: &str = "kyros_test_reader";

/// Databases share a server's roles, so that they are set up one after the other.
static SETTING_UP: Mutex<()> = Mutex::new(());
static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
static COUNT: AtomicU32 = AtomicU32::new(0);

/// A server, stopped and removed at drop.
pub(crate) struct Server {
    admin: String,
    own: Option<Own>,
}

struct Own {
    home: Directory,
    process: Mutex<Child>,
}

/// A migrated database with a login for each role.
pub(crate) struct Database {
    #[expect(dead_code, reason = "the server stops with the last that uses it")]
    server: Arc<Server>,
    /// A superuser.
    pub(crate) admin: String,
    /// Owns the database, may create roles, is no superuser.
    pub(crate) owner: String,
    /// Is granted the writers' role.
    pub(crate) writer: String,
    /// Is granted the readers' role.
    pub(crate) reader: String,
}

impl Server {
    /// The server that the tests of a binary share while one of them runs.
    pub(crate) fn shared() -> Arc<Self> {
        let mut shared = SHARED.lock().unwrap();
        shared.upgrade().unwrap_or_else(|| {
            let server = Arc::new(match std::env::var("KYROS_TEST_DSN") {
                Ok(admin) => Self { admin, own: None },
                Err(_) => Self::start(),
            });
            *shared = Arc::downgrade(&server);
            server
        })
    }

    /// A server of the test's own.
    pub(crate) fn start() -> Self {
        let home = temporary("postgres");
        if let Some((user, group)) = unprivileged() {
            chown(&*home, Some(user), Some(group)).unwrap();
        }
        let data = home.join("data");
        let arguments = ["--auth=trust", "--username=postgres", "--encoding=UTF8", "--no-locale"];
        let output =
            command("initdb").arg("-D").arg(data).args(arguments).arg("--no-sync").output();
        let output = output.unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let admin = format!("postgresql:///postgres?user=postgres&host={}", home.display());
        let process = Mutex::new(launch(&home));
        let server = Self { admin, own: Some(Own { home, process }) };
        server.wait();
        server
    }

    /// Kills the server as a power cut would, and starts it again.
    pub(crate) fn crash(&self) {
        let own = self.own.as_ref().unwrap();
        let mut process = own.process.lock().unwrap();
        // SIGQUIT is the immediate shutdown: no checkpoint, recovery at the next start.
        let pid = process.id().to_string();
        assert!(Command::new("kill").args(["-QUIT", &pid]).status().unwrap().success());
        process.wait().unwrap();
        *process = launch(&own.home);
        drop(process);
        self.wait();
    }

    /// An empty database and its owner's address.
    pub(crate) fn database(&self) -> String {
        let _one = SETTING_UP.lock().unwrap();
        let name = format!("kyros_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Relaxed));
        create_login(&self.admin, OWNER, "CREATEROLE");
        execute(&self.admin, &format!("CREATE DATABASE {name} OWNER {OWNER}")).unwrap();
        address(&self.admin, OWNER, &name)
    }

    /// A database with the audit trail in it.
    pub(crate) fn migrated(self: Arc<Self>) -> Database {
        let owner = self.database();
        migrate_alone(&owner).unwrap();
        let _one = SETTING_UP.lock().unwrap();
        for (login, role) in [(WRITER, "kyros_audit_writer"), (READER, "kyros_audit_reader")] {
            create_login(&self.admin, login, "");
            execute(&self.admin, &format!("GRANT {role} TO {login}")).unwrap();
        }
        let name = PgConnectOptions::from_str(&owner).unwrap();
        let name = name.get_database().unwrap();
        let [admin, writer, reader] =
            ["postgres", WRITER, READER].map(|login| address(&self.admin, login, name));
        Database { admin, writer, reader, owner, server: self }
    }

    /// Its superuser's address.
    pub(crate) fn admin(&self) -> &str {
        &self.admin
    }

    fn wait(&self) {
        for _ in 0..600 {
            if execute(&self.admin, "SELECT 1").is_ok() {
                return;
            }
            sleep(Duration::from_millis(50));
        }
        panic!("PostgreSQL doesn't answer");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(own) = &self.own {
            let mut process = own.process.lock().unwrap();
            let _ = Command::new("kill").args(["-QUIT", &process.id().to_string()]).status();
            let _ = process.wait();
        }
    }
}

/// Migrates while no other test touches the server's roles.
pub(crate) fn migrate_alone(dsn: &str) -> Result<MigrationReport, kyros_audit::Error> {
    let _one = SETTING_UP.lock().unwrap();
    migrate(dsn)
}

/// Runs statements; answers the SQLSTATE and the message where the server refuses.
pub(crate) fn execute(dsn: &str, sql: &str) -> Result<(), (String, String)> {
    run(dsn, async |connection| {
        connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.map(|_| ())
    })
}

/// The texts that a query answers.
pub(crate) fn texts(dsn: &str, sql: &str) -> Vec<String> {
    run(dsn, async |connection| {
        sqlx::query_scalar(AssertSqlSafe(sql)).persistent(false).fetch_all(connection).await
    })
    .unwrap()
}

fn run<T>(
    dsn: &str,
    work: impl AsyncFnOnce(&mut PgConnection) -> sqlx::Result<T>,
) -> Result<T, (String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let done = runtime.block_on(async {
        let mut connection = PgConnection::connect(dsn).await?;
        let done = work(&mut connection).await;
        let _ = connection.close().await;
        done
    });
    done.map_err(|error| {
        let server = error.as_database_error();
        let sqlstate = server.and_then(|server| Some(server.code()?.into_owned()));
        (sqlstate.unwrap_or_default(), error.to_string())
    })
}

fn create_login(admin: &str, login: &str, right: &str) {
    let exists = format!("SELECT rolname::text FROM pg_roles WHERE rolname = '{login}'");
    if texts(admin, &exists).is_empty() {
        let create = format!("CREATE ROLE {login} LOGIN {right} PASSWORD '{login}'");
        execute(admin, &create).unwrap();
    }
}

fn address(admin: &str, login: &str, database: &str) -> String {
    let options = PgConnectOptions::from_str(admin).unwrap().database(database);
    let options = match login {
        "postgres" => options,
        login => options.username(login).password(login),
    };
    options.to_url_lossy().to_string()
}

fn launch(home: &Path) -> Child {
    let log = fs::File::create(home.join(format!("log-{}", COUNT.fetch_add(1, Relaxed)))).unwrap();
    let sockets = format!("unix_socket_directories={}", home.display());
    let mut command = command("postgres");
    command.arg("-D").arg(home.join("data"));
    command.args(["-c", "listen_addresses=", "-c", &sockets, "-c", "fsync=off"]);
    command.stdout(Stdio::null()).stderr(log).spawn().unwrap()
}

fn command(program: &str) -> Command {
    let mut command = Command::new(binaries().join(program));
    command.current_dir("/").stdin(Stdio::null());
    if let Some((user, group)) = unprivileged() {
        command.uid(user).gid(group);
    }
    command
}

fn binaries() -> PathBuf {
    let given = std::env::var_os("KYROS_PG_BIN").map(PathBuf::from);
    let installed = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let newest = installed.map(|entry| entry.path().join("bin")).max();
    let found = given.or(newest).filter(|directory| directory.join("initdb").exists());
    found.expect("no PostgreSQL\n  hint: apt-get install postgresql, or set KYROS_PG_BIN")
}

/// `nobody` and its group, where this is root.
fn unprivileged() -> Option<(u32, u32)> {
    let ours = std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").unwrap());
    let users = fs::read_to_string("/etc/passwd").unwrap();
    let nobody = users.lines().find_map(|line| line.strip_prefix("nobody:"))?;
    let mut fields = nobody.split(':').skip(1);
    let user = fields.next()?.parse().ok()?;
    let group = fields.next()?.parse().ok()?;
    (ours == 0).then_some((user, group))
}
