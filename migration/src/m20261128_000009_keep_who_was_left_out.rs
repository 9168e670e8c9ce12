//! A resolution keeps who was left out of those due, on which ground, and what would have been needed.

use crate::table::{Column, add_columns, drop_columns, int, json, migrates};

migrates!(manager => add_columns(manager, "resolution", ADDED), drop_columns(manager, "resolution", ADDED));

const ADDED: &[Column] = &[
    json("excluded").or("'[]'"),
    int("quorum_needed").or("0"),
    int("ayes_needed").or("0"),
];
