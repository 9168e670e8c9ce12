//! How many wrong codes somebody typed to check in, since the code that holds was made.

use crate::table::{Column, add_columns, drop_columns, int, migrates};

migrates!(manager => add_columns(manager, "attendance", COUNTED), drop_columns(manager, "attendance", COUNTED));

const COUNTED: &[Column] = &[int("wrong_codes").or("0")];
