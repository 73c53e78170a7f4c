//! The statements that store a delivery, and the delivery that a worker gets with them.

use crate::inbox::database::{Row, Statement};
use crate::inbox::{QueueId, RawDelivery, Taken};
use rusqlite::types::Value;
use std::time::Duration;

/// Stores a delivery and, if it is new, its body. Only then there is a row.
pub(super) fn store(delivery: RawDelivery, in_order: bool) -> Vec<Statement> {
    macro_rules! insert {
        ($held:literal) => {
            concat!(
                "INSERT INTO delivery (delivery, origin, token, account, event, record, received, due, state, lease,
                     attempts, held)
                 VALUES ($1, $2, $3, $4, $5, $6, :now, :due, :is_leased, :is_leased, :is_leased, ",
                $held,
                ") ON CONFLICT DO NOTHING"
            )
        };
    }
    let sql = match in_order {
        true => insert!("EXISTS (SELECT 1 FROM delivery WHERE state < 2 AND account = $4 AND record = $6)"),
        // Such deliveries are checked when they are taken.
        false => insert!("false"),
    };
    let RawDelivery { id, origin, token, account, event, record, body } = delivery;
    let texts = [id, origin, token, Some(account), Some(event), record];
    let values = texts.into_iter().map(Value::from).collect();
    let insert_body = "INSERT INTO delivery_body SELECT last_insert_rowid(), $1 WHERE changes() > 0";
    vec![
        Statement { sql: sql.into(), values },
        Statement { sql: insert_body.into(), values: vec![Vec::from(body).into()] },
        // `RETURNING` would copy each page that the insert changes.
        Statement { sql: "SELECT last_insert_rowid() WHERE changes() > 0".into(), values: Vec::new() },
    ]
}

/// The delivery that these statements stored on a lease, unless it was stored before.
pub(super) fn taken(statements: Vec<Statement>, rows: &mut [Vec<Row>], now: i64) -> Option<Taken> {
    let queue_id = QueueId(rows.last_mut()?.last_mut()?.get());
    let received = Duration::from_millis(now.unsigned_abs());
    let mut values = statements.into_iter().flat_map(|statement| statement.values);
    let mut text = || match values.next() {
        Some(Value::Text(text)) => Some(text),
        _ => None,
    };
    let [id, origin, token] = [text(), text(), text()];
    let (account, event, record) = (text()?, text()?, text());
    let Some(Value::Blob(body)) = values.next() else { return None };
    let delivery = RawDelivery { id, origin, token, account, event, record, body: body.into() };
    Some(Taken::first(queue_id, received, delivery))
}
