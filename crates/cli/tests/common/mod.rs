//! Sessions: a text with `$ wayleave …` lines and what each prints. A session is run against the
//! fake orchestrator over a socket and compared; `BLESS=1` writes what was printed instead.
#![allow(dead_code, unreachable_pub, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, reason = "this is a test")]

use clap::Parser;
use cli::{Command, Console, Exit, Global, run_on};
use northbound::fake::Fake;
use northbound::{Security, serve};
use std::io::Write;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// Where the tests' own files are; sessions name them without it.
pub const DATA: &str = "tests/data/";
/// What sessions show in place of the address of the moment.
const SHOWN: &str = "http://127.0.0.1:7830";

/// As the binary has it.
#[derive(Debug, Parser)]
#[command(name = "wayleave")]
pub struct Program {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

pub struct Served {
    pub fake: Arc<Fake>,
    pub address: SocketAddr,
    stop: oneshot::Sender<()>,
    task: tokio::task::JoinHandle<()>,
}

impl Served {
    pub async fn start() -> Self {
        Self::start_with(Security::LoopbackPlain).await
    }

    pub async fn start_with(security: Security) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let fake = Arc::new(Fake::default());
        let (stop, stopped) = oneshot::channel();
        let engine = Arc::clone(&fake);
        let task = tokio::spawn(async move {
            let stopped = async {
                let _ = stopped.await;
            };
            serve(listener, engine, security, stopped).await.unwrap();
        });
        Self { fake, address, stop, task }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub async fn stop(self) {
        let _ = self.stop.send(());
        self.task.await.unwrap();
    }
}

/// What a command printed, in its order.
#[derive(Clone, Debug, Default)]
pub struct Printed(Arc<Mutex<Vec<(Stream, String)>>>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    Out,
    Err,
}

/// One of its two writers.
#[derive(Debug)]
pub struct Writer(Stream, Printed);

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8(bytes.to_vec()).expect("output is text");
        let mut pieces = self.1.0.lock().unwrap();
        match pieces.last_mut() {
            Some((stream, last)) if *stream == self.0 => last.push_str(&text),
            _ => pieces.push((self.0, text)),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Printed {
    pub fn writer(&self, stream: Stream) -> Writer {
        Writer(stream, self.clone())
    }

    /// What went to one stream.
    pub fn text(&self, stream: Stream) -> String {
        let pieces = self.0.lock().unwrap();
        pieces.iter().filter(|(of, _)| *of == stream).map(|(_, text)| text.as_str()).collect()
    }

    /// As a terminal shows it; in a golden file, lines of stderr begin with `2> `.
    fn session(&self, marks: Marks) -> String {
        let mut session = String::new();
        for (stream, text) in self.0.lock().unwrap().iter() {
            for line in text.lines() {
                if (*stream, marks) == (Stream::Err, Marks::Shown) {
                    session.push_str("2> ");
                } else if line.starts_with("$ ") {
                    // Printed, and not to be run.
                    session.push_str("| ");
                }
                session.push_str(line.trim_end());
                session.push('\n');
            }
        }
        session
    }
}

/// Whether a session marks what went to stderr.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Marks {
    Shown,
    Hidden,
}

/// The words of a command line; quotes hold words together.
fn words(line: &str) -> Vec<String> {
    let mut words = vec![];
    let (mut word, mut quoted, mut any) = (String::new(), false, false);
    for c in line.chars() {
        match c {
            '\'' => (quoted, any) = (!quoted, true),
            ' ' if !quoted => {
                if any || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                    any = false;
                }
            }
            c => word.push(c),
        }
    }
    if any || !word.is_empty() {
        words.push(word);
    }
    words
}

/// A file of the session stands in the folder of the tests' data.
fn located(word: String) -> String {
    let path = Path::new(DATA).join(&word);
    if word != "-" && !word.is_empty() && path.exists() { path.display().to_string() } else { word }
}

/// Runs one command line, without the program's name.
pub async fn run(server: &str, line: &str) -> (Exit, Printed) {
    let printed = Printed::default();
    let words = words(line).into_iter().map(located);
    let arguments = ["wayleave".to_owned()].into_iter().chain(words);
    let parsed = Program::try_parse_from(arguments);
    let mut program = match parsed {
        Ok(program) => program,
        Err(error) => {
            let stream = if error.use_stderr() { Stream::Err } else { Stream::Out };
            write!(printed.writer(stream), "{error}").unwrap();
            return (if error.use_stderr() { Exit::Usage } else { Exit::Ok }, printed);
        }
    };
    if program.global.server == SHOWN {
        server.clone_into(&mut program.global.server);
    }
    let (out, err) = (printed.writer(Stream::Out), printed.writer(Stream::Err));
    let mut console = Console::into_writers(&program.global, out, err);
    let exit = run_on(&mut console, &program.global, &program.command).await;
    (exit, printed)
}

/// Runs every `$ wayleave` line of a text and puts what it prints in place of what is there.
/// In a Markdown text, only what is inside of `console` blocks is a session.
pub async fn replay(server: &str, text: &str, marks: Marks) -> String {
    let mut replayed = String::new();
    let (mut skipping, mut inside) = (false, marks == Marks::Shown);
    for line in text.lines() {
        if marks == Marks::Hidden && line.starts_with("```") {
            inside = line == "```console";
            skipping = false;
        }
        let command = line.strip_prefix("$ wayleave").filter(|_| inside);
        let kept =
            command.is_some() || !skipping || (marks == Marks::Shown && line.starts_with(";;"));
        if kept {
            if marks == Marks::Shown && skipping && !replayed.ends_with("\n\n") {
                replayed.push('\n');
            }
            replayed.push_str(line);
            replayed.push('\n');
            skipping = false;
        }
        if let Some(command) = command {
            let (exit, printed) = run(server, command).await;
            let shown = printed.session(marks).replace(server, SHOWN).replace(DATA, "");
            replayed.push_str(&shown);
            if exit != Exit::Ok && marks == Marks::Shown {
                replayed.push_str(&format!("exit {}\n", exit as u8));
            }
            skipping = true;
        }
    }
    replayed
}

/// Replays a file and compares.
pub async fn golden(path: &str, marks: Marks) {
    let served = Served::start().await;
    let expected = std::fs::read_to_string(path).unwrap();
    let found = replay(&served.url(), &expected, marks).await;
    served.stop().await;
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(path, found).unwrap();
        return;
    }
    let differs = expected.lines().zip(found.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| expected.lines().count().min(found.lines().count()));
    let at = |text: &str| text.lines().skip(line).take(5).collect::<Vec<_>>().join("\n");
    assert!(
        expected == found,
        "{path} differs from line {} on (BLESS=1 rewrites it)\nexpected:\n{}\nfound:\n{}",
        line + 1,
        at(&expected),
        at(&found)
    );
}
