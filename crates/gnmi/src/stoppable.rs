//! Connections that end when their server does. Without this they would outlive it, and a target
//! that was restarted would still answer from its former life.

use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tonic::transport::server::{Connected, TcpConnectInfo};

pub(crate) struct Stoppable {
    stream: TcpStream,
    /// None once the server has stopped.
    stop: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Stoppable {
    pub(crate) fn new(stream: TcpStream, mut stopped: watch::Receiver<bool>) -> Self {
        let _ = stream.set_nodelay(true);
        let stop = async move {
            let _ = stopped.changed().await;
        };
        Self { stream, stop: Some(Box::pin(stop)) }
    }

    fn running(&mut self, context: &mut Context<'_>) -> io::Result<&mut TcpStream> {
        if self.stop.as_mut().is_some_and(|stop| stop.as_mut().poll(context).is_ready()) {
            self.stop = None;
        }
        match self.stop {
            Some(_) => Ok(&mut self.stream),
            None => Err(io::Error::new(io::ErrorKind::ConnectionAborted, "the server stopped")),
        }
    }
}

impl Connected for Stoppable {
    type ConnectInfo = TcpConnectInfo;

    fn connect_info(&self) -> TcpConnectInfo {
        self.stream.connect_info()
    }
}

impl AsyncRead for Stoppable {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self.running(context) {
            Ok(stream) => Pin::new(stream).poll_read(context, buffer),
            Err(error) => Poll::Ready(Err(error)),
        }
    }
}

impl AsyncWrite for Stoppable {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        match self.running(context) {
            Ok(stream) => Pin::new(stream).poll_write(context, bytes),
            Err(error) => Poll::Ready(Err(error)),
        }
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
