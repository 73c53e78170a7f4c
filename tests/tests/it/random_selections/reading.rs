//! Reads an answer as the code of the derive does: with the runtime's decoder, and with its
//! `Option`, `Vec` and `Connection` around a type that is known at run time only.

use crate::random_selections::plan::{Entry, Plan};
use serde_json::{Map, Value, json};
use std::cell::Cell;
use xurrent_runtime::decode::read_field;
use xurrent_runtime::{
    Connection, DecodeError, Decoded, Decoder, Field, Id, Interface, Json, Ref, Select, Selection, Table,
};

type Read = Result<Value, DecodeError>;

/// A value of whatever type is [`CURRENT`].
struct Any(Value);

thread_local! {
    static CURRENT: Cell<Option<&'static Plan>> = const { Cell::new(None) };
}

impl Select<()> for Any {
    const NODES: u64 = 1;
    const CONNECTIONS: u64 = 0;
    const SELECTION: Selection = Selection::Leaf;

    fn read(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        read(CURRENT.get().unwrap(), decoder).map(Self)
    }
}

fn values(list: Vec<Any>) -> Value {
    list.into_iter().map(|Any(value)| value).collect()
}

/// Reads a field: what the derive reads a type like `Option<Vec<Any>>` with.
fn field(entry: &'static Entry, decoder: &mut Decoder<'_>) -> Read {
    let inner = if let Plan::Connection { nodes, .. } = entry.plan { nodes } else { entry.plan };
    let outer = CURRENT.replace(Some(inner));
    let value = match (entry.plan, entry.is_nullable, entry.is_list) {
        (Plan::Connection { page: true, .. }, true, _) => {
            Option::<Connection<Any>>::read_connection(decoder).map(|it| it.map_or(Value::Null, connection))
        }
        (Plan::Connection { page: true, .. }, false, _) => {
            Connection::<Any>::read_connection(decoder).map(connection)
        }
        (Plan::Connection { .. }, true, _) => Option::<Vec<Any>>::read_connection(decoder)
            .map(|it| it.map_or(Value::Null, |list| json!({"nodes": values(list)}))),
        (Plan::Connection { .. }, false, _) => {
            Vec::<Any>::read_connection(decoder).map(|list| json!({"nodes": values(list)}))
        }
        (_, true, true) => Option::<Vec<Any>>::read(decoder).map(|it| it.map_or(Value::Null, values)),
        (_, false, true) => Vec::<Any>::read(decoder).map(values),
        (_, true, false) => Option::<Any>::read(decoder).map(|it| it.map_or(Value::Null, |any| any.0)),
        (_, false, false) => Any::read(decoder).map(|any| any.0),
    };
    CURRENT.set(outer);
    value
}

fn connection(connection: Connection<Any>) -> Value {
    let page = json!({
        "hasNextPage": connection.page_info.has_next_page,
        "endCursor": connection.page_info.end_cursor,
    });
    json!({"nodes": values(connection.nodes), "total": connection.total_count, "page": page})
}

/// Reads a value that is not null.
pub(crate) fn read(plan: &'static Plan, decoder: &mut Decoder<'_>) -> Read {
    match plan {
        Plan::Leaf(ty) => match ty.as_str() {
            "String" => read_field::<String>(decoder).map(Value::from),
            "ID" => read_field::<Id>(decoder).map(|id| Value::from(id.as_str())),
            "Boolean" => read_field::<bool>(decoder).map(Value::from),
            "Int" => read_field::<i64>(decoder).map(Value::from),
            _ => read_field::<Json>(decoder).map(|json| json.to_value()),
        },
        Plan::Reference(_) => {
            read_field::<Ref<()>>(decoder).map(|reference| json!({"id": reference.id().as_str()}))
        }
        Plan::Interface { .. } => {
            let found = read_field::<Interface<xurrent::NodeType>>(decoder)?;
            Ok(json!({"type": found.typename, "id": found.id}))
        }
        Plan::Object { table, entries } => object(table, entries, decoder),
        Plan::Flattened(parts) => {
            let (own, flattened) = parts.split_first().unwrap();
            let mut list = Vec::new();
            for part in flattened {
                list.push(read(part, &mut decoder.fork())?);
            }
            list.insert(0, read(own, decoder)?);
            Ok(Value::Array(list))
        }
        Plan::Variants { on, variants, .. } => {
            let typename = decoder.typename(on)?;
            let value = match variants.iter().find(|(name, ..)| *name == typename) {
                Some((_, prefix, plan)) => {
                    decoder.prefixed(prefix);
                    read(plan, decoder)?
                }
                None => decoder.skip().map(|()| Value::Null)?,
            };
            Ok(json!({"type": typename, "value": value}))
        }
        Plan::Inside { plan, .. } | Plan::Payload(plan) => read(plan, decoder),
        // A connection is read by the field that holds it.
        Plan::Connection { .. } => unreachable!("{plan:?}"),
    }
}

struct Slot {
    entry: Option<&'static Entry>,
    value: Value,
}

impl Field for Slot {
    fn placeholder() -> Self {
        Self { entry: None, value: Value::Null }
    }

    fn decode(&mut self, decoder: &mut Decoder<'_>) -> Decoded {
        self.value = field(self.entry.unwrap(), decoder)?;
        Ok(())
    }
}

fn object(table: &'static Table, entries: &'static [Entry], decoder: &mut Decoder<'_>) -> Read {
    let slot = |entry| Slot { entry: Some(entry), ..Slot::placeholder() };
    let mut slots: Vec<Slot> = entries.iter().map(slot).collect();
    let mut fields: Vec<&mut dyn Field> = slots.iter_mut().map(|slot| slot as &mut dyn Field).collect();
    decoder.object(table, &mut fields)?;
    let values = slots.into_iter().zip(entries).map(|(slot, entry)| (entry.key.to_owned(), slot.value));
    Ok(Value::Object(values.collect::<Map<_, _>>()))
}
