//! `watch` over a connection that breaks: nothing is missed, nothing is told twice.

#![allow(clippy::unwrap_used, reason = "this is a test")]

mod common;

use clap::Parser;
use cli::{Console, run_on};
use common::{Printed, Program, Served, Stream, run};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(20);

/// Passes connections on until it is told to break them; while it is out, there are no new ones.
struct Cable {
    address: SocketAddr,
    breaks: Arc<Notify>,
    out: Arc<AtomicBool>,
}

impl Cable {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let cable = Self { address, breaks: Arc::default(), out: Arc::default() };
        let (breaks, out) = (Arc::clone(&cable.breaks), Arc::clone(&cable.out));
        tokio::spawn(async move {
            while let Ok((near, _)) = listener.accept().await {
                if out.load(Ordering::SeqCst) {
                    continue;
                }
                let breaks = Arc::clone(&breaks);
                tokio::spawn(async move { pass(near, server, &breaks).await });
            }
        });
        cable
    }

    fn cut(&self) {
        self.out.store(true, Ordering::SeqCst);
        self.breaks.notify_waiters();
    }

    fn mend(&self) {
        self.out.store(false, Ordering::SeqCst);
    }
}

async fn pass(mut near: TcpStream, server: SocketAddr, breaks: &Notify) {
    let mut far = TcpStream::connect(server).await.unwrap();
    tokio::select! {
        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
        () = breaks.notified() => {}
    }
}

/// A watch that runs beside the test.
struct Watching {
    printed: Printed,
    task: tokio::task::JoinHandle<cli::Exit>,
}

impl Watching {
    fn start(server: SocketAddr, arguments: &[&str]) -> Self {
        let server = format!("http://{server}");
        let start = ["wayleave", "watch", "--server", &server];
        let program = Program::parse_from(start.iter().chain(arguments));
        let printed = Printed::default();
        let (out, err) = (printed.writer(Stream::Out), printed.writer(Stream::Err));
        let task = tokio::spawn(async move {
            let mut console = Console::into_writers(&program.global, out, err);
            run_on(&mut console, &program.global, &program.command).await
        });
        Self { printed, task }
    }

    async fn shows(&self, stream: Stream, text: &str) {
        let shown = async {
            while !self.printed.text(stream).contains(text) {
                tokio::task::yield_now().await;
            }
        };
        let late = tokio::time::timeout(PATIENCE, shown).await.is_err();
        assert!(!late, "{text:?} is missing in\n{:?}", self.printed);
    }
}

#[tokio::test]
async fn changes_are_told_once_whatever_breaks() {
    let served = Served::start().await;
    let cable = Cable::to(served.address).await;
    let watching = Watching::start(cable.address, &["--filter", "type=intent"]);
    watching.shows(Stream::Out, "synced").await;
    run(&served.url(), "apply wire.yaml").await;
    watching.shows(Stream::Out, "connectivity/wire active").await;

    cable.cut();
    run(&served.url(), "apply core-1.yaml").await;
    cable.mend();
    watching.shows(Stream::Err, "going on from revision 12").await;
    watching.shows(Stream::Out, "service/core-1 active").await;
    run(&served.url(), "delete connectivity/wire").await;
    watching.shows(Stream::Out, "wire removed").await;

    let expected = "      10  synced      what follows is live\n      \
                    12  intent      connectivity/wire active\n      \
                    14  intent      service/core-1 active\n      \
                    14  synced      what follows is live\n      \
                    16  intent      wire removed\n";
    assert_eq!(watching.printed.text(Stream::Out), expected);
    watching.task.abort();
    served.stop().await;
}

#[tokio::test]
async fn a_gap_in_the_history_is_said_and_bridged() {
    let served = Served::start().await;
    let cable = Cable::to(served.address).await;
    let watching = Watching::start(cable.address, &["-o", "json"]);
    watching.shows(Stream::Out, "synced").await;
    served.fake.beat();
    run(&served.url(), "apply wire.yaml").await;
    watching.shows(Stream::Out, "\"name\":\"wire\"").await;

    cable.cut();
    run(&served.url(), "apply core-1.yaml").await;
    served.fake.compact(served.fake.revision());
    cable.mend();
    watching.shows(Stream::Err, "revision 12 is no longer kept").await;
    watching.shows(Stream::Err, "what happened up to revision 14 is missed").await;
    run(&served.url(), "delete service/core-1").await;
    watching.shows(Stream::Out, "\"intentRemoved\":\"core-1\"").await;
    assert!(!watching.printed.text(Stream::Out).contains("heartbeat"));
    watching.task.abort();
    served.stop().await;
}

#[tokio::test]
async fn a_revision_that_is_gone_is_refused_at_the_start() {
    let served = Served::start().await;
    let (exit, printed) = run(&served.url(), "watch --from 3").await;
    assert_eq!(exit, cli::Exit::Failed);
    assert!(printed.text(Stream::Err).starts_with("error WL0012: revision 3 is no longer kept"));
    served.stop().await;
}

#[tokio::test]
async fn a_server_that_stays_away_ends_the_watch() {
    let served = Served::start().await;
    let watching = Watching::start(served.address, &["--timeout", "300ms"]);
    watching.shows(Stream::Out, "synced").await;
    served.stop().await;
    let exit = tokio::time::timeout(PATIENCE, watching.task).await.unwrap().unwrap();
    assert_eq!(exit, cli::Exit::Unavailable, "{:?}", watching.printed);
}
