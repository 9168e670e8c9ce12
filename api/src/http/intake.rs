//! How much a connection may still bring. The library behind a socket holds a whole message before anybody sees a word of
//! it, so what a client that is not signed in yet may bring is bounded below it.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// No bound.
const FREE: usize = usize::MAX;

/// In the extensions of each request: bounds what the connection that it came on brings from now on.
#[derive(Debug, Clone)]
pub struct Intake(Arc<AtomicUsize>);

impl Default for Intake {
    fn default() -> Self {
        Self(Arc::new(AtomicUsize::new(FREE)))
    }
}

impl Intake {
    /// At most so many bytes more; about one reading above that.
    pub fn bound(&self, bytes: usize) {
        self.0.store(bytes, Ordering::Relaxed);
    }

    /// As much as it likes.
    pub fn release(&self) {
        self.bound(FREE);
    }

    fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Counts what came. One task at a time reads a connection, and the same one bounds and releases it.
    fn took(&self, bytes: usize) {
        let left = self.left();
        if left != FREE {
            self.bound(left.saturating_sub(bytes));
        }
    }
}

/// A connection that fails when it brings more than it may.
pub struct Metered<S> {
    stream: S,
    intake: Intake,
}

impl<S> Metered<S> {
    pub fn new(stream: S, intake: Intake) -> Self {
        Self { stream, intake }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Metered<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.intake.left() == 0 {
            return Poll::Ready(Err(io::Error::other("more than who is not signed in may bring")));
        }
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        self.intake.took(buffer.filled().len() - before);
        polled
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Metered<S> {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncReadExt as _;

    use super::*;

    #[tokio::test]
    async fn a_bounded_connection_fails_and_a_released_one_goes_on() {
        let (sent, intake) = ([7_u8; 64], Intake::default());
        let mut connection = Metered::new(&sent[..], intake.clone());
        let mut some = [0_u8; 8];
        connection.read_exact(&mut some).await.unwrap();
        intake.bound(16);
        connection.read_exact(&mut some).await.unwrap();
        connection.read_exact(&mut some).await.unwrap();
        assert!(connection.read_exact(&mut some).await.is_err());
        intake.release();
        connection.read_exact(&mut some).await.unwrap();
        assert_eq!(some, [7; 8]);
    }
}
