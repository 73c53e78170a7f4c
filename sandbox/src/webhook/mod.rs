//! Webhooks: what happens to records is told to whom it may concern, over HTTP.
//!
//! A mutation is carried out and answered. [`change`] then tells the events, [`message`] writes what
//! there is to say about them, [`outbox`] queues it for each webhook, and [`deliver`] sends it until it
//! is through or given up. [`handshake`] keeps who is not the owner of an address from being told.

mod address;
mod attempt;
mod change;
mod deliver;
mod event;
mod fault;
mod handshake;
mod message;
mod outbox;
mod settings;
mod trial;

pub(crate) use address::AddressRule;
pub use attempt::DeliveryAttempt;
pub(crate) use change::Applied;
pub(crate) use deliver::deliver;
pub(crate) use event::is_known as is_event;
pub use fault::DeliveryFault;
pub(crate) use handshake::carry_over;
pub(crate) use message::Places;
pub(crate) use outbox::Outbox;
pub use settings::Webhooks;
pub use trial::NotTested;
pub(crate) use trial::callback_number;

/// A field no schema has: why a webhook was disabled by the sandbox. A webhook that is enabled has none.
pub(crate) const LAST_ERROR: &str = "lastError";

fn random<const LENGTH: usize>() -> [u8; LENGTH] {
    let mut bytes = [0; LENGTH];
    // A system without random numbers could not make the keys of its policies either.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}

/// A UUID of version 4.
fn random_id() -> String {
    let mut number = u128::from_be_bytes(random());
    number = number & !(0xf << 76) | 0x4 << 76;
    number = number & !(0x3 << 62) | 0x2 << 62;
    let hex = format!("{number:032x}");
    let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
    parts.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_uuids_of_version_4() {
        let (one, other) = (random_id(), random_id());
        assert_ne!(one, other);
        for id in [one, other] {
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        }
    }
}
