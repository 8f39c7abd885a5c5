//! Places for connections: so many in all and of one peer, and some kept for probes of health, which must be answered however many
//! others are there.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Connections at once; below the 1,024 files a process may usually open, for the log and the stores need some.
const CONNECTIONS: usize = 800;
/// Connections beyond those, which get answers about the server's health only.
const PROBES: usize = 64;

/// The places of a server.
pub(super) struct ConnectionPlaces {
    open: Arc<Semaphore>,
    probes: Arc<Semaphore>,
    per_peer: usize,
    peers: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place until it is dropped.
pub(super) struct ConnectionPlace {
    /// Whether only probes of health are answered here.
    pub probe: bool,
    _permit: OwnedSemaphorePermit,
    peer: Option<PeerCount>,
}

struct PeerCount {
    peers: Arc<Mutex<HashMap<IpAddr, usize>>>,
    peer: IpAddr,
}

impl ConnectionPlaces {
    /// All places are free; one peer may take `per_peer` of them.
    pub fn new(per_peer: usize) -> Self {
        let semaphore = |count| Arc::new(Semaphore::new(count));
        ConnectionPlaces {
            open: semaphore(CONNECTIONS),
            probes: semaphore(PROBES),
            per_peer: per_peer.max(1),
            peers: Arc::default(),
        }
    }

    /// A place for a connection of this peer; none if even those of probes are taken.
    pub fn take(&self, peer: IpAddr) -> Option<ConnectionPlace> {
        let counted = PeerCount::new(&self.peers, peer, self.per_peer);
        let open = counted.and_then(|peer| Some((peer, Arc::clone(&self.open).try_acquire_owned().ok()?)));
        match open {
            Some((peer, permit)) => Some(ConnectionPlace { probe: false, _permit: permit, peer: Some(peer) }),
            None => {
                let permit = Arc::clone(&self.probes).try_acquire_owned().ok()?;
                Some(ConnectionPlace { probe: true, _permit: permit, peer: None })
            }
        }
    }
}

impl PeerCount {
    fn new(peers: &Arc<Mutex<HashMap<IpAddr, usize>>>, peer: IpAddr, most: usize) -> Option<Self> {
        let mut counts = peers.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(peer).or_default();
        if *count >= most {
            return None;
        }
        *count += 1;
        Some(PeerCount { peers: Arc::clone(peers), peer })
    }
}

impl Drop for PeerCount {
    fn drop(&mut self) {
        let mut counts = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.peer) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.peer);
            }
        }
    }
}

impl std::fmt::Debug for ConnectionPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ConnectionPlace").field("probe", &self.probe).field("counted", &self.peer.is_some()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peer_has_only_so_many_places_and_probes_have_some_more() {
        let places = ConnectionPlaces::new(2);
        let [one, other] = [IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2])];
        let taken = [places.take(one).unwrap(), places.take(one).unwrap()];
        assert!(taken.iter().all(|place| !place.probe));
        assert!(places.take(one).unwrap().probe, "its third place is for probes only");
        assert!(!places.take(other).unwrap().probe);
        drop(taken);
        assert!(!places.take(one).unwrap().probe && places.peers.lock().unwrap().is_empty());
        let probes: Vec<ConnectionPlace> = (0..2 + PROBES).map(|_| places.take(one).unwrap()).collect();
        assert!(places.take(one).is_none());
        drop(probes);
    }
}
