//! Places for connections: so many in all and of one peer, and some kept for probes of health, which must be answered however many
//! others are there.

use super::limits::{CONNECTIONS, PROBES, PROBES_OF_A_PEER};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The places of a server.
pub(super) struct ConnectionPlaces {
    open: Places,
    probes: Places,
}

/// Places of one sort: so many in all, and so many of one peer.
struct Places {
    free: Arc<Semaphore>,
    per_peer: usize,
    peers: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

/// A connection's place until it is dropped.
pub(super) struct ConnectionPlace {
    /// Whether only probes of health are answered here.
    pub probe: bool,
    _permit: OwnedSemaphorePermit,
    _peer: PeerCount,
}

struct PeerCount {
    peers: Arc<Mutex<HashMap<IpAddr, usize>>>,
    peer: IpAddr,
}

impl ConnectionPlaces {
    /// All places are free; one peer may take `per_peer` of them.
    pub fn new(per_peer: usize) -> Self {
        let places =
            |count, per_peer| Places { free: Arc::new(Semaphore::new(count)), per_peer, peers: Arc::default() };
        ConnectionPlaces { open: places(CONNECTIONS, per_peer.max(1)), probes: places(PROBES, PROBES_OF_A_PEER) }
    }

    /// A place for a connection of this peer; none if even those of probes are taken, or it has its share of them.
    pub fn take(&self, peer: IpAddr) -> Option<ConnectionPlace> {
        let place = |places: &Places, probe| {
            let (permit, counted) = places.take(peer)?;
            Some(ConnectionPlace { probe, _permit: permit, _peer: counted })
        };
        place(&self.open, false).or_else(|| place(&self.probes, true))
    }
}

impl Places {
    fn take(&self, peer: IpAddr) -> Option<(OwnedSemaphorePermit, PeerCount)> {
        let counted = PeerCount::new(&self.peers, peer, self.per_peer)?;
        Some((Arc::clone(&self.free).try_acquire_owned().ok()?, counted))
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
        f.debug_struct("ConnectionPlace").field("probe", &self.probe).finish_non_exhaustive()
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
        assert!(!places.take(one).unwrap().probe && places.open.peers.lock().unwrap().is_empty());
        let probes: Vec<ConnectionPlace> = (0..2 + PROBES_OF_A_PEER).map(|_| places.take(one).unwrap()).collect();
        assert!(places.take(one).is_none());
        assert_eq!(places.take(other).map(|place| place.probe), Some(false));
        let peers = (3..).map(|last| IpAddr::from([10, 0, 0, last]));
        let mut others: Vec<ConnectionPlace> = Vec::new();
        for peer in peers.take(3) {
            others.extend((0..2 + PROBES_OF_A_PEER).map(|_| places.take(peer).unwrap()));
        }
        assert!(places.take(other).is_some_and(|place| !place.probe), "open places are left");
        assert!(places.probes.take(other).is_none(), "all places of probes are taken");
        drop((probes, others));
        assert!(places.probes.take(other).is_some());
    }
}
