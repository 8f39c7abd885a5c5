//! A connection whose writes fail when its client takes its answer too slowly: an answer has so long to be taken, and longer by what
//! its size needs at the least rate.

use super::limits::LEAST_RATE;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

/// A connection that waits so long for its client to read.
pub(super) struct PatientStream {
    stream: TcpStream,
    timeout: Duration,
    /// Runs from the first write that had to wait to the end of the answer.
    waiting: Option<Pin<Box<Sleep>>>,
}

impl PatientStream {
    pub fn new(stream: TcpStream, timeout: Duration) -> Self {
        PatientStream { stream, timeout, waiting: None }
    }

    /// What a write came to: done, or waiting, or waiting for too long. What was taken while others waited gives more time.
    fn bounded(&mut self, context: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match (&written, &mut self.waiting) {
            (Poll::Ready(Ok(bytes)), Some(waiting)) => {
                let more = Duration::from_secs(1).saturating_mul(*bytes as u32) / LEAST_RATE;
                let until = waiting.deadline() + more;
                waiting.as_mut().reset(until);
                return written;
            }
            (Poll::Ready(_), _) => return written,
            (Poll::Pending, _) => {}
        }
        let timeout = self.timeout;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(sleep(timeout)));
        waiting.as_mut().poll(context).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for PatientStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, to)
    }
}

impl AsyncWrite for PatientStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.bounded(context, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, parts);
        self.bounded(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// The answer is written to its end: the next one has its own time.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.waiting = None;
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::io::Read;
    use tokio::net::TcpListener;

    /// How writing so many bytes ends when the client takes `at_once` of them, waits, and takes the next.
    async fn written(bytes: usize, at_once: usize, timeout: Duration) -> io::Result<()> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let mut client = std::net::TcpStream::connect(listener.local_addr()?)?;
        let (server, _) = listener.accept().await?;
        std::thread::spawn(move || {
            let mut taken = vec![0; at_once];
            while client.read(&mut taken).is_ok_and(|count| count > 0) {
                std::thread::sleep(Duration::from_millis(5));
            }
        });
        let (mut stream, bytes) = (PatientStream::new(server, timeout), vec![7; bytes]);
        let mut left = &bytes[..];
        while !left.is_empty() {
            let count = poll_fn(|context| Pin::new(&mut stream).poll_write(context, left)).await?;
            left = &left[count..];
        }
        Ok(())
    }

    #[test]
    fn a_client_that_takes_a_few_bytes_now_and_then_is_cut_off_and_a_steady_one_is_not() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let slow = written(64 << 20, 16, Duration::from_millis(100)).await;
            assert_eq!(slow.unwrap_err().kind(), io::ErrorKind::TimedOut);
            written(16 << 20, 4 << 20, Duration::from_secs(30)).await.unwrap();
        });
    }
}
