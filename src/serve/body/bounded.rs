//! Reading bodies within bounds: so many bytes of one, and so many of all that are under way at once.

use crate::serve::limits::LARGEST_BODY;
use axum::body::{Body, Bytes, HttpBody};
use axum::http::StatusCode;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// So much of a body that is too large is taken all the same, bytes, and for so long.
const PASSED_OVER: usize = 64 << 20;
const PATIENCE: Duration = Duration::from_secs(10);
/// What memory is counted in: bytes.
const PAGE: usize = 1 << 10;

/// The memory that bodies may take together.
#[derive(Clone)]
pub(in crate::serve) struct BodyMemory(Arc<Semaphore>);

/// A body that was read, and its share of the memory until it is dropped.
pub(in crate::serve) struct HeldBody {
    pub bytes: Bytes,
    held: HeldMemory,
}

/// A share of the memory until it is dropped.
pub(in crate::serve) type HeldMemory = Option<OwnedSemaphorePermit>;

/// The text of a reply, which keeps the request's share of the memory until it is sent.
struct HeldText {
    text: Vec<u8>,
    _held: HeldMemory,
}

impl AsRef<[u8]> for HeldText {
    fn as_ref(&self) -> &[u8] {
        &self.text
    }
}

impl HeldBody {
    /// The reply's bytes in place of the body's: a client that reads slowly holds as much memory as it took.
    pub fn replaced_by(self, text: Vec<u8>) -> Bytes {
        Bytes::from_owner(HeldText { text, _held: self.held })
    }
}

/// Why a body was not read.
#[derive(Debug, PartialEq)]
pub(in crate::serve) struct BodyRefusal {
    pub status: StatusCode,
    pub text: String,
}

impl BodyMemory {
    /// So many bytes for all.
    pub fn new(bytes: usize) -> Self {
        BodyMemory(Arc::new(Semaphore::new((bytes / PAGE).clamp(1, Semaphore::MAX_PERMITS))))
    }

    /// Reads a body to its end. What has come is counted as it comes, so that a client which sends slowly takes no more than it sent.
    pub async fn read(&self, mut body: Body) -> Result<HeldBody, BodyRefusal> {
        if body.size_hint().lower() > LARGEST_BODY as u64 {
            pass_over(body);
            return Err(too_large());
        }
        let mut held: HeldMemory = None;
        let (mut first, mut more) = (Bytes::new(), Vec::new());
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let broken = |_| BodyRefusal { status: StatusCode::BAD_REQUEST, text: "the body broke off".to_owned() };
            let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
            if data.is_empty() {
                continue;
            }
            let length = first.len() + more.len() + data.len();
            if length > LARGEST_BODY {
                pass_over(body);
                return Err(too_large());
            }
            let pages = length.div_ceil(PAGE) - held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
            let taken = Arc::clone(&self.0).try_acquire_many_owned(pages as u32).map_err(|_| full())?;
            match &mut held {
                Some(held) => held.merge(taken),
                None => held = Some(taken),
            }
            match (first.is_empty(), more.is_empty()) {
                (true, true) => first = data,
                (false, _) => {
                    more.extend_from_slice(&std::mem::take(&mut first));
                    more.extend_from_slice(&data);
                }
                (true, false) => more.extend_from_slice(&data),
            }
        }
        let bytes = if more.is_empty() { first } else { Bytes::from(more) };
        Ok(HeldBody { bytes, held })
    }
}

/// Takes what a client still sends, and forgets it, while the refusal is on its way: many clients read nothing before they have sent
/// everything, and would see a broken connection and not why.
fn pass_over(mut body: Body) {
    tokio::spawn(async move {
        let mut passed = 0;
        let rest = async {
            while let Some(Ok(frame)) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
                passed += frame.into_data().map_or(0, |data| data.len());
                if passed > PASSED_OVER {
                    break;
                }
            }
        };
        let _ = tokio::time::timeout(PATIENCE, rest).await;
    });
}

fn too_large() -> BodyRefusal {
    let text = format!("the body is larger than {LARGEST_BODY} bytes; send fewer rows");
    BodyRefusal { status: StatusCode::PAYLOAD_TOO_LARGE, text }
}

fn full() -> BodyRefusal {
    let text = "the bodies of other requests take all the memory there is for them; try again".to_owned();
    BodyRefusal { status: StatusCode::SERVICE_UNAVAILABLE, text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(work)
    }

    #[test]
    fn bodies_share_a_memory_and_give_it_back() {
        let memory = BodyMemory::new(4 * PAGE);
        let read = |bytes: usize| wait(memory.read(Body::from(vec![7; bytes])));
        let held = read(3 * PAGE).unwrap();
        assert_eq!(held.bytes.len(), 3 * PAGE);
        assert_eq!(read(2 * PAGE).map(|_| ()).unwrap_err().status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(read(PAGE).is_ok() && read(0).is_ok());
        let reply = held.replaced_by(b"{}".to_vec());
        assert!(read(2 * PAGE).is_err(), "until the reply is sent");
        assert_eq!(&reply[..], b"{}");
        drop(reply);
        assert!(read(4 * PAGE).is_ok());
        let refused = wait(BodyMemory::new(1 << 30).read(Body::from(vec![7; LARGEST_BODY + 1])));
        assert_eq!(refused.map(|_| ()).unwrap_err().status, StatusCode::PAYLOAD_TOO_LARGE);
    }
}
