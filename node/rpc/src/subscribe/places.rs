//! How many sockets there are, in all and of one client.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// The places for sockets.
#[derive(Debug)]
pub(crate) struct Places {
    taken: Mutex<Taken>,
    total_max: usize,
    per_address_max: usize,
}

#[derive(Debug, Default)]
struct Taken {
    total: usize,
    /// Clients with sockets only, so it is as bounded as they are.
    per_client: HashMap<IpAddr, usize>,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    Full,
    PerAddress,
}

/// One socket's place, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    places: Arc<Places>,
    client: Option<IpAddr>,
}

impl Places {
    pub(crate) fn new(total_max: usize, per_address_max: usize) -> Arc<Self> {
        Arc::new(Self {
            taken: Mutex::default(),
            total_max,
            per_address_max,
        })
    }

    /// A place for a client; one without an address (over a Unix socket) counts only among all.
    pub(crate) fn take(self: &Arc<Self>, ip: Option<IpAddr>) -> Result<Place, Refusal> {
        let client = ip.map(client_of);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        if taken.total >= self.total_max {
            return Err(Refusal::Full);
        }
        if let Some(client) = client {
            let count = taken.per_client.get(&client).copied().unwrap_or(0);
            if count >= self.per_address_max {
                return Err(Refusal::PerAddress);
            }
            taken.per_client.insert(client, count + 1);
        }
        taken.total += 1;
        Ok(Place {
            places: Arc::clone(self),
            client,
        })
    }
}

/// What counts as one client: an address, or of IPv6 the network of 64 bits that it is in.
fn client_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.into(),
        IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> 64 << 64).into()),
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.total = taken.total.saturating_sub(1);
        let Some(client) = self.client else { return };
        match taken.per_client.get_mut(&client) {
            Some(count) if *count > 1 => *count -= 1,
            _ => {
                taken.per_client.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let places = Places::new(3, 2);
        let ip = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let one = places.take(ip("2001:db8:1:2::1")).unwrap();
        let two = places.take(ip("2001:db8:1:2:ffff::")).unwrap();
        assert_eq!(
            places.take(ip("2001:db8:1:2::7")).unwrap_err(),
            Refusal::PerAddress
        );
        let three = places.take(None).unwrap();
        assert_eq!(places.take(ip("10.0.0.1")).unwrap_err(), Refusal::Full);
        drop(one);
        let again = places.take(ip("2001:db8:1:2::7")).unwrap();
        drop((two, three, again));
        let taken = places.taken.lock().unwrap();
        assert_eq!((taken.total, taken.per_client.len()), (0, 0));
    }
}
