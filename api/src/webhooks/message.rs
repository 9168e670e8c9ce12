//! What is sent: type, time and data as the Standard Webhooks specification has them. The data of a change are what the log says of
//! it: ids, types and names of fields, never values; values come only as the answer to a registered document.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::sync::Sight;
use domain::vocabulary::{ChangeExtent, DeliveryKind, GapCause};
use domain::webhook::type_of;
use serde_json::{Value, json};

use crate::events::catalogue::Entry;
use crate::ops::webhook::tell::Note;

/// Bytes of a message; an answer that would make it longer is left out, and that is said.
const LONGEST: usize = 512 * 1024;

/// A message before it is signed.
pub struct Message {
    pub id: String,
    pub kind: DeliveryKind,
    pub name: String,
    pub at: DateTime<Utc>,
    pub data: Value,
}

/// An instant as the API writes it.
fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

impl Message {
    /// A change of the log as its reader is told of it.
    pub fn of_change(id: String, entry: &Entry, sight: &Sight, cursor: String) -> Self {
        let row = &entry.row;
        // Of rows that a move or a right brings along the event knows no version.
        let alone = sight.extent == ChangeExtent::Object && sight.entity_id == row.entity_id;
        Self {
            id,
            kind: DeliveryKind::Change,
            name: type_of(sight.kind, sight.op),
            at: row.at,
            data: json!({
                "op": sight.op,
                "extent": sight.extent,
                "cursor": cursor,
                "at": instant(row.at),
                "entityId": sight.entity_id,
                "entityKind": sight.kind,
                "version": row.version.filter(|_| alone),
                "cause": row.cause,
                "fields": row.fields,
            }),
        }
    }

    /// That the log could not be gone on from; it goes on behind `cursor`.
    pub fn of_gap(id: String, cause: GapCause, cursor: String, at: DateTime<Utc>) -> Self {
        Self {
            id,
            kind: DeliveryKind::Gap,
            name: "gap".to_owned(),
            at,
            data: json!({"cause": cause, "cursor": cursor}),
        }
    }

    /// A trial.
    pub fn of_trial(id: String, webhook: &str, at: DateTime<Utc>) -> Self {
        Self {
            id,
            kind: DeliveryKind::Test,
            name: "test".to_owned(),
            at,
            data: json!({"webhookId": webhook}),
        }
    }

    /// The variables that a document about this change may ask for.
    pub fn variables(&self) -> Value {
        let data = |name: &str| self.data.get(name).cloned().unwrap_or_default();
        json!({
            "id": data("entityId"),
            "kind": data("entityKind"),
            "op": data("op"),
            "extent": data("extent"),
            "cursor": data("cursor"),
            "version": data("version"),
        })
    }

    /// The bytes that are signed and sent, with the answer to the document where there is one.
    pub fn body(&self, answer: Option<Value>) -> Vec<u8> {
        let told = |answer: Option<Value>| {
            let mut data = self.data.clone();
            if let (Some(answer), Some(data)) = (answer, data.as_object_mut()) {
                data.insert("answer".to_owned(), answer);
            }
            json!({"type": self.name, "timestamp": instant(self.at), "data": data})
                .to_string()
                .into_bytes()
        };
        let had = answer.is_some();
        let body = told(answer);
        if had && body.len() > LONGEST {
            let left_out = json!({"errors": [{"message": "the answer is too long for a message"}]});
            return told(Some(left_out));
        }
        body
    }

    /// What is noted of it.
    pub fn describe(&self, note: &mut Note) {
        let text = |name: &str| self.data.get(name).and_then(Value::as_str).map(ToOwned::to_owned);
        note.row.op = text("op");
        note.row.extent = text("extent");
        note.row.entity_kind = text("entityKind");
        note.row.entity_id = text("entityId");
    }
}
