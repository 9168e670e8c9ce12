//! The edge against a toy schema, over a real listener on the loopback.

mod over_http;
mod over_socket;
mod over_stream;
mod toy;
